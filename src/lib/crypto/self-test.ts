/**
 * Does an engine compute what the reference computes? Asked once per operation before it is used.
 *
 * Inputs are fixed, so a failure repeats. Lengths lie around the block borders of the ciphers and
 * hashes, and one is long enough to leave every fast path's warm-up. What must be refused is tried
 * too: an engine that accepts everything would otherwise look right.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import type { OperationName, Operations } from './engine.ts';
import { nobleOperations as reference } from './noble.ts';
import { COFACTOR_CASES, LOW_ORDER_U } from './edge-cases.ts';

const LENGTHS = [0, 1, 63, 64, 65, 4096];
const LONG_BYTES = 1024 * 1024;

/** True if `engine[name]` agrees with the reference on every case. Never rejects. */
export async function testOperation(
  name: OperationName,
  engine: Partial<Operations>,
): Promise<boolean> {
  try {
    return await TESTS[name](engine as Operations);
  } catch {
    return false;
  }
}

const TESTS: Record<OperationName, (engine: Operations) => boolean | Promise<boolean>> = {
  sha256Now: (engine) =>
    [...LENGTHS, LONG_BYTES].every((length) => {
      const data = sample(length);
      return equalBytes(engine.sha256Now(data), reference.sha256Now(data));
    }),

  async sha256(engine) {
    for (const length of [...LENGTHS, LONG_BYTES]) {
      const data = sample(length);
      if (!equalBytes(await engine.sha256(data), reference.sha256Now(data))) return false;
    }
    return true;
  },

  blake2b512: (engine) =>
    LENGTHS.every((length) => {
      const data = sample(length);
      return equalBytes(engine.blake2b512(data), reference.blake2b512(data));
    }),

  async scrypt(engine) {
    const costs = [
      { log2N: 4, r: 8, p: 1, length: 64 },
      { log2N: 8, r: 1, p: 2, length: 96 },
    ];
    for (const cost of costs) {
      const out = await engine.scrypt(sample(32), sample(69), cost);
      if (!equalBytes(out, await reference.scrypt(sample(32), sample(69), cost))) return false;
    }
    return true;
  },

  seal: (engine) => [...LENGTHS, LONG_BYTES].every((length) => sealsAlike(engine, length)),

  open: (engine) => [...LENGTHS, LONG_BYTES].every((length) => opensAlike(engine, length)),

  ed25519PublicKey: (engine) =>
    equalBytes(engine.ed25519PublicKey(KEY), reference.ed25519PublicKey(KEY)),

  ed25519Sign: (engine) =>
    [0, 32, 1000].every((length) => {
      const message = sample(length);
      const signature = reference.ed25519Sign(signingSecret(), message);
      return equalBytes(engine.ed25519Sign(signingSecret(), message), signature);
    }),

  ed25519Verify: verifiesAlike,

  x25519PublicKey: (engine) =>
    equalBytes(engine.x25519PublicKey(KEY), reference.x25519PublicKey(KEY)),

  x25519(engine) {
    const shared = engine.x25519(KEY, sample(32));
    const expected = reference.x25519(KEY, sample(32));
    const agrees = shared !== undefined && expected !== undefined && equalBytes(shared, expected);
    return agrees && LOW_ORDER_U.every((point) => engine.x25519(KEY, point) === undefined);
  },
};

const KEY = sample(32, 3);
const NONCE = sample(24, 5);

function sealsAlike(engine: Operations, length: number): boolean {
  const sealed = new Uint8Array(length + 16);
  engine.seal(KEY, NONCE, sample(length), sealed);
  return equalBytes(sealed, sealedByReference(length));
}

function opensAlike(engine: Operations, length: number): boolean {
  const sealed = sealedByReference(length);
  const plain = new Uint8Array(length);
  if (!engine.open(KEY, NONCE, sealed, plain) || !equalBytes(plain, sample(length))) return false;
  const isRefused = [0, 15, sealed.length - 1].every((position) => {
    sealed[position]! ^= 1;
    const opened = engine.open(KEY, NONCE, sealed, new Uint8Array(length));
    sealed[position]! ^= 1;
    return !opened;
  });
  return isRefused && !engine.open(sample(32, 9), NONCE, sealed, plain);
}

function sealedByReference(length: number): Uint8Array {
  const sealed = new Uint8Array(length + 16);
  reference.seal(KEY, NONCE, sample(length), sealed);
  return sealed;
}

function verifiesAlike(engine: Operations): boolean {
  const publicKey = reference.ed25519PublicKey(KEY);
  const message = sample(100);
  const signature = reference.ed25519Sign(signingSecret(), message);
  const damaged = [0, 31, 32, 62].map((position) => flipped(signature, position));
  return (
    engine.ed25519Verify(publicKey, message, signature) &&
    !engine.ed25519Verify(publicKey, sample(99), signature) &&
    !engine.ed25519Verify(flipped(publicKey, 7), message, signature) &&
    damaged.every((wrong) => !engine.ed25519Verify(publicKey, message, wrong)) &&
    COFACTOR_CASES.every(
      (edge) => engine.ed25519Verify(edge.publicKey, edge.message, edge.signature) === edge.valid,
    )
  );
}

function signingSecret(): Uint8Array {
  const secret = new Uint8Array(64);
  secret.set(KEY);
  secret.set(reference.ed25519PublicKey(KEY), 32);
  return secret;
}

function flipped(bytes: Uint8Array, position: number): Uint8Array {
  const copy = bytes.slice();
  copy[position]! ^= 1;
  return copy;
}

/** Bytes that look random and are always the same. */
function sample(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}
