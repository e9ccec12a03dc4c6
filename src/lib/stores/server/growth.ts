/** Why a database could not write: a limit for the size of a file, and a quota, tell it no more than that. */
import { closeSync, openSync, rmSync, statSync, writeSync } from 'node:fs';

const REFUSALS: ReadonlySet<unknown> = new Set(['EFBIG', 'EDQUOT', 'ENOSPC']);
const PAGE_BYTES = 4096;

/** Whether a file beside a database may not become larger than that or its log are. */
export function isGrowthRefused(file: string): boolean {
  const probe = `${file}-probe`;
  try {
    const sizes = [file, `${file}-wal`].map(
      (one) => statSync(one, { throwIfNoEntry: false })?.size ?? 0,
    );
    const descriptor = openSync(probe, 'w', 0o600);
    try {
      const page = new Uint8Array(PAGE_BYTES);
      return writeSync(descriptor, page, 0, PAGE_BYTES, Math.max(...sizes)) < PAGE_BYTES;
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    return REFUSALS.has((error as NodeJS.ErrnoException).code);
  } finally {
    rmSync(probe, { force: true });
  }
}
