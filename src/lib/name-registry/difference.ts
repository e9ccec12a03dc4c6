/** What one state of the registry has and an earlier one has not, for mirrors: page by page. */
import { concat, PyrgosError } from '#lib/bytes/index.ts';
import { carHeader, carSection } from '#lib/car/index.ts';
import { followGrowth } from '#lib/champ/index.ts';
import type { ChampPath } from '#lib/champ/index.ts';
import { Cid } from '#lib/codec/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { RegistryIncomplete } from './errors.ts';
import { readBlock } from './records.ts';

/** A page ends with the block that fills it. */
export const PAGE_BYTES = 1024 * 1024;

export interface Difference {
  /** Absent: the empty tree. */
  readonly from: Cid | undefined;
  readonly to: Cid;
  /** The place of the first block that is wanted. */
  readonly start: ChampPath;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

/** A CAR; undefined: one of the states is not kept here whole. */
export async function differencePage(
  records: RecordStore,
  { from, to, start, maxBytes = PAGE_BYTES, signal }: Difference,
): Promise<Uint8Array | undefined> {
  const page = new Page(to, maxBytes);
  const load = async (cid: Cid): Promise<Uint8Array> => {
    const bytes = await readBlock(records, cid);
    if (bytes === undefined) throw new RegistryIncomplete();
    return bytes;
  };
  try {
    await followGrowth(from, to, {
      keyHash: 'blake2b-512',
      parallel: 1,
      start,
      loadOld: load,
      loadNew: load,
      added: async (cid, block) => page.add(cid, block),
      replaced: () => undefined,
      entry: async ({ newValue }) => {
        if (newValue instanceof Cid) page.add(newValue, await load(newValue));
      },
      signal,
    });
  } catch (error) {
    // What was asked for may be any two blocks; nothing of what they are is told.
    if (error === page.isFull) return page.bytes();
    if (error instanceof PyrgosError) return undefined;
    throw error;
  }
  return page.bytes();
}

class Page {
  /** Thrown to end the walk; no fault. */
  readonly isFull = new Error('the page is full');
  readonly #pieces: Uint8Array[];
  #left: number;

  constructor(root: Cid, maxBytes: number) {
    this.#pieces = [carHeader([root])];
    this.#left = maxBytes;
  }

  add(cid: Cid, block: Uint8Array): void {
    this.#pieces.push(carSection(cid, block));
    this.#left -= block.length;
    if (this.#left <= 0) throw this.isFull;
  }

  bytes(): Uint8Array {
    return concat(...this.#pieces);
  }
}
