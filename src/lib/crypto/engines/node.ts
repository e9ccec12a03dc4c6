/**
 * Node's own OpenSSL: SHA-256 with the processor's instructions for it, at once and without the copy
 * that WebCrypto makes of its input; BLAKE2b; and scrypt in a thread of Node's pool, so that a
 * process goes on meanwhile. Loaded under Node alone.
 */
import type { Engine } from '../engine.ts';
import type { Operations, ScryptCost } from '../operations.ts';

export function nodeEngine(): Promise<Engine> {
  const native = process.getBuiltinModule('node:crypto');
  const hash = (algorithm: string, data: Uint8Array): Uint8Array =>
    asUint8Array(native.hash(algorithm, data, 'buffer'));
  const scrypt: Operations['scrypt'] = (password, salt, cost) =>
    new Promise((resolve, reject) => {
      native.scrypt(password, salt, cost.length, opensslCost(cost), (error, key) => {
        if (error === null) resolve(asUint8Array(key));
        else reject(error);
      });
    });
  return Promise.resolve({
    name: 'Node',
    operations: {
      scrypt,
      blake2b512: (data) => hash('blake2b512', data),
      sha256Now: (data) => hash('sha256', data),
      sha256: (data) => Promise.resolve(hash('sha256', data)),
    },
  });
}

/** With as much memory as these parameters need; callers cap the cost. */
function opensslCost({ log2N, r, p }: ScryptCost) {
  const N = 2 ** log2N;
  return { N, r, p, maxmem: 128 * r * (N + p + 2) };
}

/** The bytes of a `Buffer`, uncopied: every engine gives callers the same type. */
function asUint8Array({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length);
}
