/**
 * The bulk work of a file transfer behind one interface, so that nobody knows whether it runs here
 * or in a worker. Jobs have a *wire form* of plain byte arrays and numbers, which structured cloning
 * carries and whose buffers may be transferred.
 */
import type { Random } from '#lib/bytes/index.ts';
import { Cid } from '#lib/codec/index.ts';
import { Bat, sha256, SymmetricKey } from '#lib/crypto/index.ts';
import type { BatId } from '#lib/crypto/index.ts';
import type { UnverifiedBlock } from '#lib/node/index.ts';
import { openChunk, sealChunk } from './chunk.ts';
import type { SealedChunk, SealOptions } from './chunk.ts';
import { verifiedParts } from './fpct.ts';
import type { UnverifiedChunk } from './fpct.ts';

export interface SealJob extends SealOptions {
  readonly plain: Uint8Array;
  readonly dataKey: SymmetricKey;
  readonly mirrorBatId?: BatId | undefined;
}

/** May take over the buffers it is given: do not use `plain` or the blocks after the call. */
export interface ChunkCipher {
  /** As `sealChunk`. */
  seal(job: SealJob, signal?: AbortSignal): Promise<SealedChunk>;
  /** Compares the fragments with their names, then as `openChunk`. */
  open(chunk: UnverifiedChunk, key: SymmetricKey, signal?: AbortSignal): Promise<Uint8Array>;
  /** SHA-256 of a chunk that is not sealed: for the hash of a file known before its upload. */
  hash(plain: Uint8Array, signal?: AbortSignal): Promise<Uint8Array>;
}

/** Runs in the calling thread. */
export function createLocalChunkCipher(random: Random): ChunkCipher {
  return {
    async seal(job, signal) {
      signal?.throwIfAborted();
      return sealChunk(job.plain, job.dataKey, job.mirrorBatId, random, job);
    },
    async open(chunk, key, signal) {
      signal?.throwIfAborted();
      return openChunk(await verifiedParts(chunk), key);
    },
    async hash(plain, signal) {
      signal?.throwIfAborted();
      return sha256(plain);
    },
  };
}

/** A key as it crosses to a worker. */
export interface KeyWire {
  readonly bytes: Uint8Array;
  readonly dirty: boolean;
}

export interface SealJobWire {
  readonly plain: Uint8Array;
  readonly dataKey: KeyWire;
  readonly mirrorBatId: Uint8Array | undefined;
  readonly hashPlain: boolean;
}

export interface OpenJobWire {
  readonly nonce: Uint8Array;
  readonly header: Uint8Array;
  readonly fragments: readonly { cid: Uint8Array; block: Uint8Array }[];
  readonly key: KeyWire;
}

export interface SealedChunkWire {
  readonly nonce: Uint8Array;
  readonly header: Uint8Array;
  readonly inline: Uint8Array | undefined;
  readonly fragments: readonly { cid: Uint8Array; bat: Uint8Array; block: Uint8Array }[];
  readonly plainSha256: Uint8Array | undefined;
}

/** A key as plain data. Only for a worker of this build: the bytes are the secret. */
export function keyToWire(key: SymmetricKey): KeyWire {
  return { bytes: key.bytes, dirty: key.dirty };
}

/** The reverse of {@link keyToWire}. */
export function keyFromWire(wire: KeyWire): SymmetricKey {
  return new SymmetricKey(wire.bytes, wire.dirty);
}

/** A seal job as plain data; it shares the buffer of `plain`. */
export function sealJobToWire(job: SealJob): SealJobWire {
  return {
    plain: job.plain,
    dataKey: keyToWire(job.dataKey),
    mirrorBatId: job.mirrorBatId?.bytes,
    hashPlain: job.hashPlain ?? false,
  };
}

/** The reverse of {@link sealJobToWire}. */
export function sealJobFromWire(wire: SealJobWire): SealJob {
  return {
    plain: wire.plain,
    dataKey: keyFromWire(wire.dataKey),
    mirrorBatId:
      wire.mirrorBatId === undefined ? undefined : (Cid.fromBytes(wire.mirrorBatId) as BatId),
    hashPlain: wire.hashPlain,
  };
}

/** An open job as plain data; it shares the buffers of the blocks. */
export function openJobToWire(chunk: UnverifiedChunk, key: SymmetricKey): OpenJobWire {
  const { nonce, header } = chunk;
  const fragments = chunk.fragments.map(({ cid, block }) => ({ cid: cid.bytes, block }));
  return { nonce, header, fragments, key: keyToWire(key) };
}

/** The chunk of {@link openJobToWire}. */
export function openJobFromWire({ nonce, header, fragments }: OpenJobWire): UnverifiedChunk {
  return {
    nonce,
    header,
    fragments: fragments.map(({ cid, block }) => ({
      cid: Cid.fromBytes(cid),
      block: block as UnverifiedBlock,
    })),
  };
}

/** A sealed chunk as plain data; it shares the buffers of the blocks. */
export function sealedChunkToWire(sealed: SealedChunk): SealedChunkWire {
  return {
    nonce: sealed.nonce,
    header: sealed.header,
    inline: sealed.inline,
    fragments: sealed.fragments.map(({ cid, bat, block }) => ({
      cid: cid.bytes,
      bat: bat.secret,
      block,
    })),
    plainSha256: sealed.plainSha256,
  };
}

/** The reverse of {@link sealedChunkToWire}. */
export function sealedChunkFromWire(wire: SealedChunkWire): SealedChunk {
  return {
    nonce: wire.nonce,
    header: wire.header,
    inline: wire.inline,
    fragments: wire.fragments.map(({ cid, bat, block }) => ({
      cid: Cid.fromBytes(cid),
      bat: new Bat(bat),
      block,
    })),
    plainSha256: wire.plainSha256,
  };
}

/** Buffers worth transferring with a sealed chunk: each block owns its own. */
export function transferablesOf(wire: SealedChunkWire): ArrayBuffer[] {
  return wire.fragments.map(({ block }) => block.buffer as ArrayBuffer);
}
