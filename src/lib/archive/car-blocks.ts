/**
 * The blocks of a block file as a store: only where each lies is in memory. What is put in has to
 * come out of that very file, and is believed to be what was read; what comes out is compared with
 * its hash by the caller, as from any store.
 */
import { MalformedArchive, readCar } from '#lib/car/index.ts';
import type { BlockEntry, BlockStore, ListedBlock } from '#lib/stores/index.ts';
import { blobPieces } from './blocks.ts';

interface ByteRange {
  readonly offset: number;
  readonly sizeBytes: number;
}

/** Reads the file once to learn where its blocks lie. Throws {@link MalformedArchive} and its kin. */
export async function createCarBlocks(file: Blob, signal?: AbortSignal): Promise<BlockStore> {
  const ranges = new Map<string, ByteRange>();
  const { blocks } = await readCar(blobPieces(file), signal);
  for await (const { cid, bytes, offset } of blocks) {
    ranges.set(cid.toString(), { offset, sizeBytes: bytes.length });
  }
  return new CarBlocks(file, ranges);
}

class CarBlocks implements BlockStore {
  readonly #file: Blob;
  readonly #ranges: ReadonlyMap<string, ByteRange>;
  readonly #present = new Map<string, ByteRange>();
  #sorted: readonly string[] | undefined;

  constructor(file: Blob, ranges: ReadonlyMap<string, ByteRange>) {
    this.#file = file;
    this.#ranges = ranges;
  }

  async get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    signal?.throwIfAborted();
    const range = this.#present.get(key);
    if (range === undefined) return undefined;
    const { offset, sizeBytes } = range;
    return new Uint8Array(await this.#file.slice(offset, offset + sizeBytes).arrayBuffer());
  }

  has(key: string): Promise<boolean> {
    return Promise.resolve(this.#present.has(key));
  }

  putMany(entries: readonly BlockEntry[]): Promise<void> {
    for (const { key, bytes } of entries) {
      const range = this.#ranges.get(key.slice(key.lastIndexOf('/') + 1));
      if (range?.sizeBytes !== bytes.length) {
        return Promise.reject(new MalformedArchive('The block file changed while it was read.'));
      }
      this.#present.set(key, range);
    }
    this.#sorted = undefined;
    return Promise.resolve();
  }

  deleteMany(keys: readonly string[]): Promise<void> {
    for (const key of keys) this.#present.delete(key);
    this.#sorted = undefined;
    return Promise.resolve();
  }

  list(prefix: string, after = '', limit = Infinity): Promise<ListedBlock[]> {
    this.#sorted ??= [...this.#present.keys()].sort();
    const listed: ListedBlock[] = [];
    for (const key of this.#sorted) {
      if (listed.length >= limit) break;
      if (key <= after || !key.startsWith(prefix)) continue;
      listed.push({ key, sizeBytes: this.#present.get(key)?.sizeBytes ?? 0 });
    }
    return Promise.resolve(listed);
  }
}
