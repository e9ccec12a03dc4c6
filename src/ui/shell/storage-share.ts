import type { StorageReport } from '#lib/client/index.ts';

/** How much of the room is used, 0 to 1 and beyond; undefined where the room is not known. */
export function shareOf(storage: StorageReport | undefined): number | undefined {
  if (storage?.quotaBytes === undefined) return undefined;
  // Where nothing may be stored, whatever is there fills it.
  if (storage.quotaBytes === 0) return storage.usedBytes === 0 ? 0 : 1;
  return storage.usedBytes / storage.quotaBytes;
}
