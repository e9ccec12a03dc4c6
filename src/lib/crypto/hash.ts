/**
 * Hashes and what is made of nothing but hashes (A-2 §4, A-1 §5).
 *
 * The asynchronous form is for bulk: from {@link ASYNC_MIN_BYTES} on it may leave the thread.
 */
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import { concat, equalBytes } from '#lib/bytes/index.ts';
import { BLOCK_MAX_BYTES, Cid, HASH_TYPE } from '#lib/codec/index.ts';
import { decided, inUse } from './engine.ts';
import { DamagedBlock } from './errors.ts';
import type { ScryptCost } from './operations.ts';

/** Below this a promise costs more than the hash (measured in Node and Chromium). */
const ASYNC_MIN_BYTES = 16_384;

/** SHA-256 of input of any length; the right choice for blocks and files. */
export function sha256(data: Uint8Array): Promise<Uint8Array> {
  if (data.length < ASYNC_MIN_BYTES) return Promise.resolve(inUse.sha256Now(data));
  return inUse.sha256(data);
}

/** SHA-256 at once. */
export function sha256Now(data: Uint8Array): Uint8Array {
  return inUse.sha256Now(data);
}

/** SHA-256 of what comes in pieces. */
export interface RunningSha256 {
  update(piece: Uint8Array): void;
  /** 32 bytes; nothing may be added afterwards. */
  digest(): Uint8Array;
}

/** A SHA-256 that is fed piece by piece, for content that is never whole in memory. */
export function runningSha256(): RunningSha256 {
  const hash = nobleSha256.create();
  return {
    update: (piece) => void hash.update(piece),
    digest: () => hash.digest(),
  };
}

/** HMAC-SHA-256, 32 bytes. */
export function hmacSha256(key: Uint8Array, data: Uint8Array): Uint8Array {
  return hmac(nobleSha256, key, data);
}

/** `peergos`, then 01: info and counter of HKDF's only expansion step. */
const KDF_INFO = Uint8Array.of(0x70, 0x65, 0x65, 0x72, 0x67, 0x6f, 0x73, 0x01);

/** The KDF of the hybrid box: HKDF-SHA-256 with a zero salt, 32 bytes (A-2 §4). */
export function kdf(inputKey: Uint8Array): Uint8Array {
  return hmacSha256(hmacSha256(new Uint8Array(32), inputKey), KDF_INFO);
}

/** BLAKE2b with 64 bytes of output, for fingerprints (A-2 §4). */
export function blake2b512(data: Uint8Array): Uint8Array {
  return inUse.blake2b512(data);
}

/**
 * scrypt as RFC 7914 has it: the caller hashes the password first and caps the cost. Stops between
 * rounds on `signal` with the reference, before and after with an engine that runs to its end.
 */
export async function scrypt(
  password: Uint8Array,
  salt: Uint8Array,
  cost: ScryptCost,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  await decided('scrypt');
  signal?.throwIfAborted();
  const out = await inUse.scrypt(password, salt, cost, signal);
  signal?.throwIfAborted();
  return out;
}

/** The CID under which a block is stored: version 1, sha2-256 of its bytes. */
export async function hashBlock(bytes: Uint8Array, codec: number): Promise<Cid> {
  return Cid.sha256(codec, await sha256(bytes));
}

/** {@link hashBlock} at once, for small blocks. */
export function hashBlockNow(bytes: Uint8Array, codec: number): Cid {
  return Cid.sha256(codec, sha256Now(bytes));
}

/**
 * Resolves if `bytes` are the block that `cid` names; rejects with {@link DamagedBlock} if they are
 * not, are too large, or if the hash is one that nobody here can check (A-1 §4).
 */
export async function verifyBlock(cid: Cid, bytes: Uint8Array): Promise<void> {
  if (bytes.length > BLOCK_MAX_BYTES) throw new DamagedBlock('A block is larger than allowed.');
  if (equalBytes(cid.digest, await expectedDigest(cid, bytes))) return;
  throw new DamagedBlock(`The content of block ${cid.toString()} was changed.`);
}

async function expectedDigest(cid: Cid, bytes: Uint8Array): Promise<Uint8Array> {
  if (cid.isIdentity) return bytes;
  if (cid.hashType === HASH_TYPE.sha2_256) return sha256(bytes);
  throw new DamagedBlock('A block is named by a hash that cannot be checked.');
}

/** `a || b` hashed: next-chunk labels and the like. */
export function sha256Of(a: Uint8Array, b: Uint8Array): Uint8Array {
  return sha256Now(concat(a, b));
}
