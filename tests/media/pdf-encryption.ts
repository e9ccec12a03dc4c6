/** Encryption of PDF files with a password (ISO 32000-2, 7.6), for tests. */
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import type { Encrypt } from './pdf-writer.ts';

interface Encryption {
  /** The encryption dictionary. */
  readonly dictionary: string;
  readonly encrypt: Encrypt;
}

const PADDING = Buffer.from(
  '28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a',
  'hex',
);
const PERMISSIONS = -4;
const md5 = (...parts: Uint8Array[]): Buffer =>
  createHash('md5').update(Buffer.concat(parts)).digest();
const hex = (bytes: Uint8Array): string => `<${Buffer.from(bytes).toString('hex')}>`;

/** RC4 with 128 bits: version 2, revision 3. User and owner have the same password. */
export function rc4(password: string, id: Uint8Array): Encryption {
  const padded = Buffer.concat([Buffer.from(password, 'latin1'), PADDING]).subarray(0, 32);
  const times = (count: number, bytes: Buffer): Buffer =>
    Array.from({ length: count }).reduce<Buffer>((hash) => md5(hash), md5(bytes));
  const rounds = (key: Buffer, bytes: Uint8Array): Buffer =>
    Array.from({ length: 20 }, (_, at) => at).reduce<Buffer>(
      (sofar, at) =>
        rc4Bytes(
          key.map((byte) => byte ^ at),
          sofar,
        ),
      Buffer.from(bytes),
    );
  const owner = rounds(times(50, padded), padded);
  const permissions = Buffer.alloc(4);
  permissions.writeInt32LE(PERMISSIONS);
  const key = times(50, Buffer.concat([padded, owner, permissions, id]));
  const user = Buffer.concat([rounds(key, md5(PADDING, id)), Buffer.alloc(16)]);
  return {
    dictionary:
      `<< /Filter /Standard /V 2 /R 3 /Length 128 /P ${String(PERMISSIONS)} ` +
      `/O ${hex(owner)} /U ${hex(user)} >>`,
    encrypt: (bytes, number) => rc4Bytes(md5(key, objectBytes(number)), bytes),
  };
}

/** Number in three bytes, generation in two. */
function objectBytes(number: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUIntLE(number, 0, 3);
  return bytes;
}

function rc4Bytes(key: Uint8Array, bytes: Uint8Array): Buffer {
  const state = Uint8Array.from({ length: 256 }, (_, at) => at);
  const swap = (a: number, b: number): void => {
    [state[a], state[b]] = [state[b]!, state[a]!];
  };
  for (let at = 0, other = 0; at < 256; at++) {
    other = (other + state[at]! + key[at % key.length]!) & 255;
    swap(at, other);
  }
  let [i, j] = [0, 0];
  return Buffer.from(bytes).map((byte) => {
    i = (i + 1) & 255;
    j = (j + state[i]!) & 255;
    swap(i, j);
    return byte ^ state[(state[i]! + state[j]!) & 255]!;
  }) as Buffer;
}

/** AES with 256 bits: version 5, revision 6. */
export function aes256(password: string): Encryption {
  const word = Buffer.from(password, 'utf8');
  const key = randomBytes(32);
  const part = (more: Uint8Array): { check: Buffer; sealed: Buffer } => {
    const [validation, salt] = [randomBytes(8), randomBytes(8)];
    const check = Buffer.concat([hash2B(word, validation, more), validation, salt]);
    return { check, sealed: cbc(hash2B(word, salt, more), Buffer.alloc(16), key) };
  };
  const user = part(Buffer.alloc(0));
  const owner = part(user.check);
  const permissions = Buffer.alloc(16);
  permissions.writeInt32LE(PERMISSIONS);
  permissions.fill(0xff, 4, 8);
  permissions.write('Tadb', 8, 'latin1');
  randomBytes(4).copy(permissions, 12);
  const ecb = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  return {
    dictionary:
      `<< /Filter /Standard /V 5 /R 6 /Length 256 /P ${String(PERMISSIONS)} ` +
      `/O ${hex(owner.check)} /OE ${hex(owner.sealed)} ` +
      `/U ${hex(user.check)} /UE ${hex(user.sealed)} ` +
      `/Perms ${hex(ecb.update(permissions))} /StmF /C /StrF /C ` +
      '/CF << /C << /CFM /AESV3 /AuthEvent /DocOpen /Length 32 >> >> >>',
    encrypt: (bytes) => {
      const vector = randomBytes(16);
      const cipher = createCipheriv('aes-256-cbc', key, vector);
      return Buffer.concat([vector, cipher.update(bytes), cipher.final()]);
    },
  };
}

function cbc(key: Uint8Array, vector: Uint8Array, bytes: Uint8Array): Buffer {
  const name = key.length === 16 ? 'aes-128-cbc' : 'aes-256-cbc';
  return createCipheriv(name, key, vector).setAutoPadding(false).update(bytes);
}

/** Algorithm 2.B: a hash made slow by rounds of AES. */
function hash2B(word: Uint8Array, salt: Uint8Array, more: Uint8Array): Buffer {
  let key = createHash('sha256').update(word).update(salt).update(more).digest();
  for (let round = 0; ; round++) {
    const once = Buffer.concat([word, key, more]);
    const many = Buffer.concat(Array.from({ length: 64 }, () => once));
    const sealed = cbc(key.subarray(0, 16), key.subarray(16, 32), many);
    const rest = sealed.subarray(0, 16).reduce((sum, byte) => sum + byte, 0) % 3;
    key = createHash(['sha256', 'sha384', 'sha512'][rest]!).update(sealed).digest();
    if (round >= 63 && sealed.at(-1)! <= round - 31) return key.subarray(0, 32);
  }
}
