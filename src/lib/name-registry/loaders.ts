/** Blocks of a state that is being mirrored: one by one, or out of pages of those that are new. */
import type { ChampPath } from '#lib/champ/index.ts';
import { MalformedArchive, readCar } from '#lib/car/index.ts';
import type { CarBlock } from '#lib/car/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { verifyBlock } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { RegistryIncomplete } from './errors.ts';
import { readBlock } from './records.ts';
import type { RegistrySource } from './source.ts';

export interface BlockLoader {
  /** How many blocks may be asked for at a time. */
  readonly parallel: number;
  /** The block at this place, compared with its hash. Throws {@link RegistryIncomplete} and others. */
  load(cid: Cid, path: ChampPath): Promise<Uint8Array>;
}

const PARALLEL_REQUESTS = 32;
/** A bucket may hold more pairs than the one that a page goes on with. */
const PASSED_OVER_MAX = 3;

/** Each block from here, where an earlier attempt left it, or else asked for by itself. */
export function singleBlocks(
  records: RecordStore,
  source: RegistrySource,
  identity: KeyHash,
  signal: AbortSignal | undefined,
): BlockLoader {
  return {
    parallel: PARALLEL_REQUESTS,
    async load(cid) {
      const here = await readBlock(records, cid);
      if (here !== undefined) return here;
      const bytes = await source.block(identity, cid, signal);
      if (bytes === undefined) throw new RegistryIncomplete();
      await verifyBlock(cid, bytes);
      return bytes;
    },
  };
}

/**
 * Blocks out of pages, each a CAR that has them in the very order in which they are needed: so one
 * page is held at a time, and nothing that was not asked for. Throws `MalformedArchive` and others.
 */
export class PagedBlocks implements BlockLoader {
  readonly parallel = 1;
  readonly #page: (start: ChampPath) => Promise<Uint8Array | undefined>;
  readonly #root: Cid;
  #blocks: AsyncGenerator<CarBlock, void, void> | undefined;

  constructor(
    source: RegistrySource,
    from: Cid | undefined,
    to: Cid,
    signal: AbortSignal | undefined,
  ) {
    this.#page = async (start) => source.difference?.(from, to, start, signal);
    this.#root = to;
  }

  async load(cid: Cid, path: ChampPath): Promise<Uint8Array> {
    const next = await this.#blocks?.next();
    const found = next?.value ?? (await this.#firstOfPage(cid, path));
    if (!found.cid.equals(cid)) throw new MalformedArchive('Blocks were sent in another order.');
    await verifyBlock(cid, found.bytes);
    return found.bytes;
  }

  async #firstOfPage(cid: Cid, path: ChampPath): Promise<CarBlock> {
    const page = await this.#page(path);
    if (page === undefined) throw new RegistryIncomplete();
    const { roots, blocks } = await readCar(onePiece(page));
    if (roots.length !== 1 || roots[0]?.equals(this.#root) !== true) {
      throw new MalformedArchive('The blocks of another state were sent.');
    }
    this.#blocks = blocks;
    for (let passed = 0; passed <= PASSED_OVER_MAX; passed++) {
      const next = await blocks.next();
      if (next.done === true) break;
      if (next.value.cid.equals(cid)) return next.value;
    }
    throw new RegistryIncomplete();
  }
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  yield bytes;
}
