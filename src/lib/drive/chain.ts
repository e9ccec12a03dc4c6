/**
 * Where the chunks of one file lie (A-8 §7): label i+1 is a hash of the stream secret and label i,
 * so any chunk is found from the first without fetching what lies between.
 */
import type { Capability, ChunkLocation } from '#lib/cryptree/index.ts';
import { chunkLabelAt } from '#lib/crypto/index.ts';

/** The places of a file's chunks. Walking forward continues where the last question ended. */
export class ChunkChain {
  readonly #streamSecret: Uint8Array;
  readonly #first: ChunkLocation;
  #last: { readonly index: number; readonly location: ChunkLocation };

  constructor(first: ChunkLocation, streamSecret: Uint8Array) {
    this.#streamSecret = streamSecret;
    this.#first = { mapKey: first.mapKey, bat: first.bat };
    this.#last = { index: 0, location: this.#first };
  }

  at(index: number): ChunkLocation {
    const from = index >= this.#last.index ? this.#last : { index: 0, location: this.#first };
    const { mapKey, bat } = from.location;
    const location = chunkLabelAt(this.#streamSecret, mapKey, bat, index - from.index);
    this.#last = { index, location };
    return location;
  }
}

/** The capability of another chunk of what `first` opens: same keys, another place. */
export function chunkCapability(first: Capability, location: ChunkLocation): Capability {
  return { ...first, mapKey: location.mapKey, bat: location.bat };
}
