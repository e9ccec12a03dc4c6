/**
 * What a state leads to, written before the state itself counts: in batches, so that a first mirror
 * of a million names takes little memory, and without waiting for the disk, since the record that
 * makes it count is written last and strictly.
 */
import type { RecordEntry, RecordStore } from '#lib/stores/index.ts';

const BATCH_RECORDS = 512;
const BATCH_BYTES = 1024 * 1024;

export class Staging {
  readonly #records: RecordStore;
  #batch: RecordEntry[] = [];
  #bytes = 0;
  #writing: Promise<unknown> = Promise.resolve();

  constructor(records: RecordStore) {
    this.#records = records;
  }

  /** Resolves at once, or when the batch that this one filled is written. */
  async add(...entries: readonly RecordEntry[]): Promise<void> {
    for (const entry of entries) {
      this.#batch.push(entry);
      this.#bytes += entry.value?.length ?? 0;
    }
    if (this.#batch.length >= BATCH_RECORDS || this.#bytes >= BATCH_BYTES) await this.flush();
  }

  /** Resolves when all that was added before is written. */
  async flush(): Promise<void> {
    const writes = this.#batch;
    this.#batch = [];
    this.#bytes = 0;
    this.#writing = this.#writing.then(
      () => writes.length === 0 || this.#records.apply({ writes, durability: 'relaxed' }),
    );
    await this.#writing;
  }
}
