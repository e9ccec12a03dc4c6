/** Engines against each other, and against Node's own OpenSSL where it has the primitive. */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  sign as nodeSign,
  scryptSync,
} from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { concat, fromHex, toHex } from '#lib/bytes/index.ts';
import { COFACTOR_CASES, LOW_ORDER_U } from './edge-cases.ts';
import { nobleOperations as noble } from './noble.ts';
import type { Engine } from './engine.ts';
import { nodeEngine } from './engines/node.ts';
import { staticEngines } from './static-engines.ts';

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });
const nonce = fc.uint8Array({ minLength: 24, maxLength: 24 });
const data = fc.oneof(
  fc.uint8Array({ maxLength: 300, size: 'max' }),
  fc.integer({ min: 4000, max: 70_000 }).map((length) => filled(length)),
);

let engines: Engine[] = [];
beforeAll(async () => {
  const loaded = await Promise.all([...staticEngines, nodeEngine].map((load) => load()));
  engines = [{ name: 'noble', operations: noble }, ...loaded];
});

/** Runs `body` with every engine that has the operation; there must be one besides noble. */
function withEach<Name extends keyof typeof noble>(
  name: Name,
  body: (operation: (typeof noble)[Name], engine: string) => void,
): void {
  const able = engines.filter((engine) => engine.operations[name] !== undefined);
  expect(able.length).toBeGreaterThan(1);
  for (const engine of able) body(engine.operations[name] as (typeof noble)[Name], engine.name);
}

describe('hashes on every engine', () => {
  it('are those of OpenSSL', async () => {
    await fc.assert(
      fc.asyncProperty(data, async (input) => {
        const sha256 = createHash('sha256').update(input).digest('hex');
        const blake2b = createHash('blake2b512').update(input).digest('hex');
        withEach('sha256Now', (hash) => expect(toHex(hash(input))).toBe(sha256));
        withEach('blake2b512', (hash) => expect(toHex(hash(input))).toBe(blake2b));
        for (const { operations } of engines) {
          if (operations.sha256 !== undefined) {
            expect(toHex(await operations.sha256(input))).toBe(sha256);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('do not change an earlier result', () => {
    withEach('sha256Now', (hash) => {
      const first = hash(filled(10));
      const copy = first.slice();
      hash(filled(11));
      expect(first).toEqual(copy);
    });
  });

  it('scrypt is that of OpenSSL', async () => {
    const costs = [
      { log2N: 10, r: 8, p: 1, length: 64 },
      { log2N: 6, r: 3, p: 4, length: 96 },
      { log2N: 15, r: 8, p: 1, length: 32 },
    ];
    for (const cost of costs) {
      const options = { N: 2 ** cost.log2N, r: cost.r, p: cost.p, maxmem: 2 ** 28 };
      const expected = scryptSync(filled(32), filled(70), cost.length, options).toString('hex');
      for (const { operations } of engines) {
        if (operations.scrypt === undefined) continue;
        expect(toHex(await operations.scrypt(filled(32), filled(70), cost))).toBe(expected);
      }
    }
  });
});

describe('secretbox on every engine', () => {
  it('seals alike and opens what any other sealed', () => {
    fc.assert(
      fc.property(key, nonce, data, (k, n, plain) => {
        const expected = new Uint8Array(plain.length + 16);
        noble.seal(k, n, plain, expected);
        withEach('seal', (seal) => {
          const sealed = new Uint8Array(plain.length + 16);
          seal(k, n, plain, sealed);
          expect(equal(sealed, expected)).toBe(true);
        });
        withEach('open', (open) => {
          const opened = new Uint8Array(plain.length);
          expect(open(k, n, expected, opened)).toBe(true);
          expect(equal(opened, plain)).toBe(true);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('does so, and hashes alike, in ten thousand short cases', () => {
    const short = fc.uint8Array({ maxLength: 130, size: 'max' });
    fc.assert(
      fc.property(key, nonce, short, (k, n, plain) => {
        const expected = new Uint8Array(plain.length + 16);
        noble.seal(k, n, plain, expected);
        const [sha256, blake2b] = [noble.sha256Now(plain), noble.blake2b512(plain)];
        for (const { operations } of engines) {
          const { seal, open, sha256Now, blake2b512 } = operations;
          const [sealed, opened] = [
            new Uint8Array(plain.length + 16),
            new Uint8Array(plain.length),
          ];
          seal?.(k, n, plain, sealed);
          const isOpened = open?.(k, n, expected, opened) ?? true;
          const isSame =
            isOpened &&
            (seal === undefined || equal(sealed, expected)) &&
            (open === undefined || equal(opened, plain)) &&
            (sha256Now === undefined || equal(sha256Now(plain), sha256)) &&
            (blake2b512 === undefined || equal(blake2b512(plain), blake2b));
          if (!isSame) return false;
        }
        return true;
      }),
      { numRuns: 10_000 },
    );
  });

  it('takes and gives pieces wherever they are cut', () => {
    const cuts = fc.array(fc.nat({ max: 400 }), { maxLength: 4 });
    const cut = (bytes: Uint8Array, at: readonly number[]): Uint8Array[] => {
      const ends = [...at.map((end) => end % (bytes.length + 1)), bytes.length];
      ends.sort((a, b) => a - b);
      return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
    };
    fc.assert(
      fc.property(key, nonce, data, cuts, cuts, (k, n, plain, before, after) => {
        const expected = new Uint8Array(plain.length + 16);
        noble.seal(k, n, plain, expected);
        withEach('seal', (seal) => {
          const sealed = new Uint8Array(plain.length + 16);
          seal(k, n, cut(plain, before), cut(sealed, after));
          expect(equal(sealed, expected)).toBe(true);
        });
        withEach('open', (open) => {
          const opened = new Uint8Array(plain.length);
          expect(open(k, n, cut(expected, after), opened)).toBe(true);
          expect(equal(opened, plain)).toBe(true);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('does so at every short length and around the borders of blocks, fragments and chunks', () => {
    const around = (length: number) => [length - 1, length, length + 1];
    const long = [4096, 1_048_576, 5_242_880].flatMap(around);
    for (const length of [...Array.from({ length: 200 }, (_, i) => i), ...long]) {
      const plain = filled(length);
      const expected = new Uint8Array(length + 16);
      noble.seal(filled(32), filled(24), plain, expected);
      withEach('seal', (seal, engine) => {
        const sealed = new Uint8Array(length + 16);
        seal(filled(32), filled(24), plain, sealed);
        expect(equal(sealed, expected), `${engine} ${length}`).toBe(true);
      });
      const digest = createHash('sha256').update(plain).digest('hex');
      withEach('sha256Now', (hash) => expect(toHex(hash(plain))).toBe(digest));
    }
  });

  it('refuses every single flipped bit and writes nothing then', () => {
    fc.assert(
      fc.property(key, nonce, fc.uint8Array({ maxLength: 100 }), fc.nat(), (k, n, plain, at) => {
        const sealed = new Uint8Array(plain.length + 16);
        noble.seal(k, n, plain, sealed);
        sealed[(at >> 3) % sealed.length]! ^= 1 << (at & 7);
        withEach('open', (open) => {
          const opened = new Uint8Array(plain.length).fill(7);
          expect(open(k, n, sealed, opened)).toBe(false);
          expect(opened.every((byte) => byte === 7)).toBe(true);
        });
      }),
      { numRuns: 60 },
    );
  });

  it('does so below, at and above the size of the scratch memory', () => {
    for (const length of [6 * 1024 * 1024 - 64, 6 * 1024 * 1024, 7 * 1024 * 1024 + 5]) {
      const plain = filled(length);
      const expected = new Uint8Array(length + 16);
      noble.seal(filled(32), filled(24), plain, expected);
      withEach('open', (open) => {
        const opened = new Uint8Array(length);
        expect(open(filled(32), filled(24), expected, opened)).toBe(true);
        expect(equal(opened, plain)).toBe(true);
      });
    }
  });
});

const PKCS8_ED25519 = fromHex('302e020100300506032b657004220420');
const PKCS8_X25519 = fromHex('302e020100300506032b656e04220420');
const SPKI_X25519 = fromHex('302a300506032b656e032100');
const privateKey = (prefix: Uint8Array, secret: Uint8Array) =>
  createPrivateKey({ key: Buffer.from(concat(prefix, secret)), format: 'der', type: 'pkcs8' });

describe('curves on every engine', () => {
  it('sign as OpenSSL does, and verify each other', () => {
    fc.assert(
      fc.property(key, fc.uint8Array({ maxLength: 200 }), (seed, message) => {
        const expected = nodeSign(null, message, privateKey(PKCS8_ED25519, seed)).toString('hex');
        const publicKey = noble.ed25519PublicKey(seed);
        withEach('ed25519PublicKey', (derive) => expect(derive(seed)).toEqual(publicKey));
        withEach('ed25519Sign', (sign) => {
          expect(toHex(sign(concat(seed, publicKey), message))).toBe(expected);
        });
        withEach('ed25519Verify', (verify) => {
          expect(verify(publicKey, message, fromHex(expected))).toBe(true);
          expect(verify(publicKey, concat(message, new Uint8Array(1)), fromHex(expected))).toBe(
            false,
          );
        });
      }),
      { numRuns: 25 },
    );
  });

  it('agree on signatures with parts of small order', () => {
    withEach('ed25519Verify', (verify, engine) => {
      const verdicts = COFACTOR_CASES.map((edge) =>
        verify(edge.publicKey, edge.message, edge.signature),
      );
      expect(verdicts, engine).toEqual([false, true, false, true]);
    });
  });

  it('agree with OpenSSL on shared secrets', () => {
    fc.assert(
      fc.property(key, key, (secret, otherSecret) => {
        const other = noble.x25519PublicKey(otherSecret);
        withEach('x25519PublicKey', (derive) => expect(derive(otherSecret)).toEqual(other));
        const shared = diffieHellman({
          privateKey: privateKey(PKCS8_X25519, secret),
          publicKey: createPublicKey({
            key: Buffer.from(concat(SPKI_X25519, other)),
            format: 'der',
            type: 'spki',
          }),
        });
        withEach('x25519', (exchange) => {
          expect(toHex(exchange(secret, other) ?? new Uint8Array(0))).toBe(shared.toString('hex'));
        });
      }),
      { numRuns: 25 },
    );
  });

  it('agree on any 32 bytes as a public key, whatever its top bit', () => {
    fc.assert(
      fc.property(key, key, (secret, publicKey) => {
        const expected = noble.x25519(secret, publicKey);
        withEach('x25519', (exchange) => expect(exchange(secret, publicKey)).toEqual(expected));
      }),
      { numRuns: 50 },
    );
  });

  it('refuse points of low order, with and without the top bit', () => {
    for (const point of LOW_ORDER_U) {
      const masked = point.slice();
      masked[31]! |= 0x80;
      withEach('x25519', (exchange, engine) => {
        expect(exchange(filled(32), point), engine).toBeUndefined();
        expect(exchange(filled(32), masked), engine).toBeUndefined();
      });
    }
  });
});

function filled(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + length) >>> 2;
  return bytes;
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
