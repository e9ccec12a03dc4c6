/** The operations that a faster engine, such as libsodium or WebCrypto, can take over. */
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
