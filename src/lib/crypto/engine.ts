/**
 * The operations behind which engines may stand, and the table of those in use.
 *
 * Every operation starts out as the reference (`noble.ts`), so the room works at once. `start.ts`
 * puts faster ones in after they agreed with the reference. Arguments have been checked for type
 * and length before they come here; an engine never sees a key of the wrong size.
 */
import { nobleOperations } from './noble.ts';
import type { Pieces } from './pieces.ts';

/** Cost of scrypt: N = 2^log2N, block size r, parallelism p, output length in bytes. */
export interface ScryptCost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
  readonly length: number;
}

export interface Operations {
  sha256Now(data: Uint8Array): Uint8Array;
  /** May be asynchronous inside the engine; used for long inputs only. */
  sha256(data: Uint8Array): Promise<Uint8Array>;
  blake2b512(data: Uint8Array): Uint8Array;
  scrypt(
    password: Uint8Array,
    salt: Uint8Array,
    cost: ScryptCost,
    signal?: AbortSignal,
  ): Promise<Uint8Array>;
  /** XSalsa20-Poly1305 into `sealed`, which is 16 bytes longer than `plain` and does not overlap it. */
  seal(key: Uint8Array, nonce: Uint8Array, plain: Pieces, sealed: Pieces): void;
  /** The reverse; false, with `plain` left as it was, when the authenticator does not fit. */
  open(key: Uint8Array, nonce: Uint8Array, sealed: Pieces, plain: Uint8Array): boolean;
  ed25519PublicKey(seed: Uint8Array): Uint8Array;
  /** Signature (64 bytes) by a 64-byte secret key: seed, then public key. */
  ed25519Sign(secret: Uint8Array, message: Uint8Array): Uint8Array;
  /** By the rule written in `ed25519.ts`, whose byte checks came before. */
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  x25519PublicKey(secret: Uint8Array): Uint8Array;
  /** Undefined when the result would be zero or the point is of low order. */
  x25519(secret: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined;
}

export type OperationName = keyof Operations;

/** A named set of operations that may replace those of the reference. */
export interface Engine {
  readonly name: string;
  readonly operations: Partial<Operations>;
}

/** The operations in use. Only `start.ts` writes to it. */
export const inUse: Operations = { ...nobleOperations };

/**
 * Operations whose engine is still being chosen, with those who wait for that. The reference does
 * them meanwhile, which is right, and too slow for one thing: who wants scrypt waits. Only
 * `start.ts` writes to it.
 */
export const undecided = new Map<OperationName, (() => void)[]>();

/** Resolves when nobody is choosing an engine for this. */
export function decided(name: OperationName): Promise<void> {
  return new Promise((resolve) => {
    const waiting = undecided.get(name);
    if (waiting === undefined) resolve();
    else waiting.push(resolve);
  });
}
