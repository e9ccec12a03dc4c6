/** For the tests of this room: files in memory, instances that come and go, and one that crashes. */
import { IDBFactory } from 'fake-indexeddb';
import { concat } from '#lib/bytes/index.ts';
import { BlockIndex } from '../block-index.ts';
import { Connection } from '../indexeddb-connection.ts';
import { IndexedDbRecords } from '../indexeddb-records.ts';
import { Reserve } from '../reserve.ts';
import type { Presence, SegmentFiles } from '../segment-files.ts';
import { SegmentedBlocks } from '../segmented-blocks.ts';
import { StoreFull } from '../types.ts';

export class Crash extends Error {}

/** Called around every step that leaves a trace. */
type Around = <T>(step: () => Promise<T>, half?: () => void) => Promise<T>;

/** What outlives every instance: a database, a folder of files, and the list of live instances. */
export class World {
  readonly database = new IDBFactory();
  readonly files = new Map<string, Uint8Array>();
  readonly alive = new Set<string>();
  capacityBytes = Infinity;
  #instances = 0;

  get usedBytes(): number {
    let bytes = 0;
    for (const { length } of this.files.values()) bytes += length;
    return bytes;
  }

  open(around: Around = (step) => step()) {
    const id = `i${++this.#instances}`;
    this.alive.add(id);
    const files = this.#files(around);
    const connection = new SteppedConnection(this.database, around);
    const reserve = new Reserve(files);
    const index = new BlockIndex(connection);
    const blocks = new SegmentedBlocks(index, files, { presence: this.#presence(id), reserve });
    return {
      blocks,
      records: new IndexedDbRecords(connection, reserve),
      index,
      reserve,
      end: () => {
        this.alive.delete(id);
        connection.close();
      },
    };
  }

  #presence(id: string): Presence {
    return {
      id,
      ifGone: async (other, work) => {
        if (!this.alive.has(other)) await work();
      },
      end: () => void this.alive.delete(id),
    };
  }

  #files(around: Around): SegmentFiles {
    return {
      create: (name, pieces) => {
        const bytes = concat(...pieces);
        const write = async (): Promise<void> => {
          if (this.usedBytes + bytes.length > this.capacityBytes) throw new StoreFull();
          this.files.set(name, bytes);
        };
        return around(write, () => this.files.set(name, bytes.slice(0, bytes.length / 2)));
      },
      read: (name, start, length) =>
        around(async () => {
          const bytes = this.files.get(name)?.slice(start, start + length);
          return bytes?.length === length ? bytes : undefined;
        }),
      sizeOf: async (name) => this.files.get(name)?.length,
      remove: (name) => around(async () => void this.files.delete(name)),
    };
  }
}

/** Dies before, in the middle of or after its nth step; every later step fails too. */
export function crashAt(nth: number, when: 'before' | 'half' | 'after'): Around {
  let steps = 0;
  return async (step, half) => {
    const isLast = ++steps === nth;
    if (steps > nth || (isLast && when === 'before')) throw new Crash();
    if (isLast && when === 'half') {
      half?.();
      throw new Crash();
    }
    const result = await step();
    if (isLast) throw new Crash();
    return result;
  };
}

class SteppedConnection extends Connection {
  readonly #around: Around;

  constructor(factory: IDBFactory, around: Around) {
    super('drive', factory);
    this.#around = around;
  }

  override write<T>(...args: Parameters<Connection['write']>): Promise<T> {
    return this.#around(() => super.write(...args)) as Promise<T>;
  }
}
