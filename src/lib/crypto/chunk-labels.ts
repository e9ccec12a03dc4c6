/**
 * Where the chunks of a file lie: each label and token is a hash of the one before (A-8 §7).
 *
 * Finding the last chunk of 100 GiB takes 20,480 steps of two hashes and no input or output, so the
 * chain is walked in one buffer.
 */
import { asBytesOf, SECRET_BYTES } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { Brand, Random } from '#lib/bytes/index.ts';
import { Bat } from './bats.ts';
import { sha256Now, sha256Of } from './hash.ts';

/** The label under which a chunk lies in its writer's tree. */
export type MapKey = Brand<Uint8Array, 'MapKey'>;

/** Reads a label of 32 bytes. Throws `MalformedCbor` with `what` in its sentence. */
export function asMapKey(value: CborValue | undefined, what: string): MapKey {
  return asBytesOf(value, SECRET_BYTES, what) as MapKey;
}

/** The label of the first chunk of something new. */
export function randomMapKey(random: Random): MapKey {
  return random(SECRET_BYTES) as MapKey;
}

/** The label of the chunk after the one at `mapKey`. */
export function nextChunkLabel(streamSecret: Uint8Array, mapKey: MapKey): MapKey {
  return sha256Of(streamSecret, mapKey) as MapKey;
}

/** Label and token of chunk `index`, counted from the chunk that `mapKey` and `bat` belong to. */
export function chunkLabelAt(
  streamSecret: Uint8Array,
  mapKey: MapKey,
  bat: Bat | undefined,
  index: number,
): { readonly mapKey: MapKey; readonly bat: Bat | undefined } {
  return {
    mapKey: walk(streamSecret, mapKey, index) as MapKey,
    bat: bat === undefined ? undefined : new Bat(walk(streamSecret, bat.secret, index)),
  };
}

function walk(streamSecret: Uint8Array, start: Uint8Array, steps: number): Uint8Array {
  const input = new Uint8Array(2 * SECRET_BYTES);
  input.set(streamSecret);
  input.set(start, SECRET_BYTES);
  for (let i = 0; i < steps; i++) input.set(sha256Now(input), SECRET_BYTES);
  return input.slice(SECRET_BYTES);
}
