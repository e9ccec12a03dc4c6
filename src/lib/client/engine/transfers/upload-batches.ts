/** Which files of an upload go together: many small ones into one batch, each large one alone. */

/** Up to here many files share a commit (A-9 §2). */
const SMALL_BYTES = 5 * 1024 * 1024;
const BATCH_BYTES = 64 * 1024 * 1024;
const BATCH_FILES = 500;
/** A batch is on screen once it is stored: the first is small, each next one twice as large. */
const FIRST_BATCH_FILES = 16;

export interface Sized {
  readonly sizeBytes: number;
}

/** Small files first, so that one huge file does not keep a hundred waiting. */
export function batchesOf<T extends Sized>(items: readonly T[]): T[][] {
  const batches: T[][] = [];
  let batch: T[] = [];
  let batchBytes = 0;
  let most = FIRST_BATCH_FILES;
  for (const item of items.filter(isSmall)) {
    if (batch.length === most || batchBytes + item.sizeBytes > BATCH_BYTES) {
      batches.push(batch);
      most = Math.min(BATCH_FILES, 2 * most);
      batch = [];
      batchBytes = 0;
    }
    batch.push(item);
    batchBytes += item.sizeBytes;
  }
  if (batch.length > 0) batches.push(batch);
  for (const item of items) if (!isSmall(item)) batches.push([item]);
  return batches;
}

function isSmall({ sizeBytes }: Sized): boolean {
  return sizeBytes <= SMALL_BYTES;
}
