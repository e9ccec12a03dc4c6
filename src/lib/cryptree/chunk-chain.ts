/**
 * Where the chunks of a file lie (A-3 §2.5, A-8 §7).
 *
 * The place of chunk i follows from that of chunk 0 and the file's stream secret alone, so a reader
 * seeks by hashing and no writer can show different readers different content.
 */
import { CHUNK_BYTES } from '#lib/codec/index.ts';
import { chunkLabelAt, nextChunkLabel } from '#lib/crypto/index.ts';
import type { ChunkLocation } from './capability.ts';

/** Chunks of a file of `sizeBytes`; an empty file has one. */
export function chunkCount(sizeBytes: number, chunkBytes: number = CHUNK_BYTES): number {
  return Math.max(1, Math.ceil(sizeBytes / chunkBytes));
}

/** The place after `location`. */
export function nextLocation(streamSecret: Uint8Array, location: ChunkLocation): ChunkLocation {
  return {
    mapKey: nextChunkLabel(streamSecret, location.mapKey),
    bat: location.bat?.next(streamSecret),
  };
}

/** The place `steps` chunks after `location`. */
export function locationAfter(
  streamSecret: Uint8Array,
  location: ChunkLocation,
  steps: number,
): ChunkLocation {
  return chunkLabelAt(streamSecret, location.mapKey, location.bat, steps);
}

/** The places of chunks 0 … count − 1. */
export function* chunkLocations(
  streamSecret: Uint8Array,
  first: ChunkLocation,
  count: number,
): Generator<ChunkLocation> {
  let current: ChunkLocation = { mapKey: first.mapKey, bat: first.bat };
  for (let i = 0; i < count; i++) {
    yield current;
    if (i + 1 < count) current = nextLocation(streamSecret, current);
  }
}
