/**
 * Does an engine compute what the reference computes? Asked once per operation before it is used.
 *
 * Inputs are fixed, so a failure repeats. Lengths lie around the block borders of the ciphers and
 * hashes, and one is long enough to leave every fast path's warm-up. What must be refused is tried
 * too: an engine that accepts everything would otherwise look right.
 */
import { concat, equalBytes } from '#lib/bytes/index.ts';
import { nobleOperations as reference } from './noble.ts';
import { COFACTOR_CASES, LOW_ORDER_U } from './edge-cases.ts';
import type { OperationName, Operations } from './operations.ts';

const LENGTHS = [0, 1, 63, 64, 65, 4096];
const LONG_BYTES = 1024 * 1024;

/**
 * True if `engine[name]` agrees with the reference on every case. Never rejects. Answers of the
 * reference are kept in `expected`, so that a run over many operations computes them once.
 */
export async function testOperation(
  name: OperationName,
  engine: Partial<Operations>,
  expected: Expected = new Expected(),
): Promise<boolean> {
  try {
    return await TESTS[name](engine as Operations, expected);
  } catch {
    return false;
  }
}

type Test = (engine: Operations, expected: Expected) => boolean | Promise<boolean>;

const TESTS: Record<OperationName, Test> = {
  sha256Now: (engine, expected) =>
    [...LENGTHS, LONG_BYTES].every((length) =>
      equalBytes(engine.sha256Now(expected.sample(length)), expected.sha256(length)),
    ),

  async sha256(engine, expected) {
    for (const length of [...LENGTHS, LONG_BYTES]) {
      const digest = await engine.sha256(expected.sample(length));
      if (!equalBytes(digest, expected.sha256(length))) return false;
    }
    return true;
  },

  blake2b512: (engine, expected) =>
    LENGTHS.every((length) => {
      const data = expected.sample(length);
      return equalBytes(engine.blake2b512(data), reference.blake2b512(data));
    }),

  async scrypt(engine, expected) {
    const [password, salt] = [expected.sample(32), expected.sample(69)];
    for (const cost of SCRYPT_COSTS) {
      const out = await engine.scrypt(password, salt, cost);
      if (!equalBytes(out, await reference.scrypt(password, salt, cost))) return false;
    }
    return true;
  },

  seal: (engine, expected) =>
    [...LENGTHS, LONG_BYTES].every((length) => {
      const sealed = new Uint8Array(length + 16);
      engine.seal(KEY, NONCE, halves(expected.sample(length)), halves(sealed));
      return equalBytes(sealed, expected.sealed(length));
    }),

  open: (engine, expected) =>
    [...LENGTHS, LONG_BYTES].every((length) =>
      opensAlike(engine, expected.sealed(length), expected.sample(length)),
    ),

  ed25519PublicKey: (engine, expected) =>
    equalBytes(engine.ed25519PublicKey(KEY), expected.signingSecret.subarray(32)),

  ed25519Sign: (engine, { signingSecret }) =>
    [0, 200].every((length) => {
      const message = sampleOf(length);
      const signature = reference.ed25519Sign(signingSecret, message);
      return equalBytes(engine.ed25519Sign(signingSecret, message), signature);
    }),

  ed25519Verify: verifiesAlike,

  x25519PublicKey: (engine) =>
    equalBytes(engine.x25519PublicKey(KEY), reference.x25519PublicKey(KEY)),

  x25519(engine) {
    const shared = engine.x25519(KEY, sampleOf(32));
    const expected = reference.x25519(KEY, sampleOf(32));
    const agrees = shared !== undefined && expected !== undefined && equalBytes(shared, expected);
    return agrees && LOW_ORDER_U.every((point) => engine.x25519(KEY, point) === undefined);
  },
};

const SCRYPT_COSTS = [
  { log2N: 4, r: 8, p: 1, length: 64 },
  { log2N: 8, r: 1, p: 2, length: 96 },
];
const KEY = sampleOf(32, 3);
const NONCE = sampleOf(24, 5);

/** The same memory in two pieces. */
function halves(bytes: Uint8Array): Uint8Array[] {
  const middle = bytes.length >> 1;
  return [bytes.subarray(0, middle), bytes.subarray(middle)];
}

function opensAlike(engine: Operations, sealed: Uint8Array, expected: Uint8Array): boolean {
  const plain = new Uint8Array(expected.length);
  if (!engine.open(KEY, NONCE, halves(sealed), plain)) return false;
  if (!equalBytes(plain, expected)) return false;
  const isRefused = [0, 15, sealed.length - 1].every(
    (position) => !engine.open(KEY, NONCE, flipped(sealed, position), plain),
  );
  return isRefused && !engine.open(sampleOf(32, 9), NONCE, sealed, plain);
}

function verifiesAlike(engine: Operations, { signingSecret }: Expected): boolean {
  const publicKey = signingSecret.subarray(32);
  const message = sampleOf(100);
  const signature = reference.ed25519Sign(signingSecret, message);
  const damaged = [0, 31, 32, 62].map((position) => flipped(signature, position));
  return (
    engine.ed25519Verify(publicKey, message, signature) &&
    !engine.ed25519Verify(publicKey, sampleOf(99), signature) &&
    !engine.ed25519Verify(flipped(publicKey, 7), message, signature) &&
    damaged.every((wrong) => !engine.ed25519Verify(publicKey, message, wrong)) &&
    COFACTOR_CASES.every(
      (edge) => engine.ed25519Verify(edge.publicKey, edge.message, edge.signature) === edge.valid,
    )
  );
}

/** What the reference answers to the inputs of this file, computed when first asked for. */
export class Expected {
  readonly #samples = new Map<number, Uint8Array>();
  readonly #digests = new Map<number, Uint8Array>();
  readonly #sealed = new Map<number, Uint8Array>();
  #signingSecret: Uint8Array | undefined;

  sample(length: number): Uint8Array {
    return remembered(this.#samples, length, () => sampleOf(length));
  }

  sha256(length: number): Uint8Array {
    return remembered(this.#digests, length, () => reference.sha256Now(this.sample(length)));
  }

  sealed(length: number): Uint8Array {
    return remembered(this.#sealed, length, () => {
      const sealed = new Uint8Array(length + 16);
      reference.seal(KEY, NONCE, this.sample(length), sealed);
      return sealed;
    });
  }

  /** Seed, then public key. */
  get signingSecret(): Uint8Array {
    this.#signingSecret ??= concat(KEY, reference.ed25519PublicKey(KEY));
    return this.#signingSecret;
  }
}

function remembered<T>(known: Map<number, T>, key: number, make: () => T): T {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
}

function flipped(bytes: Uint8Array, position: number): Uint8Array {
  const copy = bytes.slice();
  copy[position]! ^= 1;
  return copy;
}

/** Bytes that look random and are always the same. */
function sampleOf(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}
