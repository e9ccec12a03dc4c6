/**
 * What a state leads to, written before the state itself counts: in batches, so that a first mirror
 * of a million names takes little memory, and without waiting for the disk, since the record that
 * makes it count is written last and strictly.
 */
import type { RecordEntry, RecordStore } from '#lib/stores/index.ts';

/** Few enough that writing them holds nobody up, and so many that pages are shared among them. */
const BATCH_RECORDS = 8192;
const BATCH_BYTES = 8 * 1024 * 1024;

export class Staging {
  readonly #records: RecordStore;
  readonly #batchRecords: number;
  #batch: RecordEntry[] = [];
  #bytes = 0;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(records: RecordStore, batchRecords = BATCH_RECORDS) {
    this.#records = records;
    this.#batchRecords = batchRecords;
  }

  /** Resolves at once, or when the batch that this one filled is written. */
  async add(...entries: readonly RecordEntry[]): Promise<void> {
    for (const entry of entries) {
      this.#batch.push(entry);
      this.#bytes += entry.value?.length ?? 0;
    }
    if (this.#batch.length >= this.#batchRecords || this.#bytes >= BATCH_BYTES) await this.flush();
  }

  /** Resolves when all that was added before is written. */
  async flush(): Promise<void> {
    // By key, so that a database writes each of its pages once.
    const writes = this.#batch.sort(byKey);
    this.#batch = [];
    this.#bytes = 0;
    this.#writing = this.#writing.then(
      () => writes.length === 0 || this.#records.apply({ writes, durability: 'relaxed' }),
    );
    await this.#writing;
  }
}

function byKey(a: RecordEntry, b: RecordEntry): number {
  if (a.table !== b.table) return a.table < b.table ? -1 : 1;
  return a.key < b.key ? -1 : 1;
}
