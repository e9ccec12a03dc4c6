/**
 * How much an owner may upload in a span of time: as much as his quota (B-5 §1). Counted in two
 * spans, the current one and what is left of the one before, which is exact enough and small.
 */
import { RateLimited } from '../errors.ts';
import type { Uploads } from './tables.ts';

/** The count with `sizeBytes` more. Throws {@link RateLimited}. */
export function uploadsAfter(
  before: Uploads | undefined,
  sizeBytes: number,
  limit: { readonly nowMs: number; readonly windowMs: number; readonly mostBytes: number },
): Uploads {
  const { nowMs, windowMs, mostBytes } = limit;
  const { startedMs, bytes, previousBytes } = currentSpan(before, nowMs, windowMs);
  const shareLeft = 1 - (nowMs - startedMs) / windowMs;
  const recentBytes = bytes + previousBytes * Math.min(1, Math.max(0, shareLeft));
  if (recentBytes + sizeBytes > mostBytes) throw new RateLimited('uploads');
  return { startedMs, bytes: bytes + sizeBytes, previousBytes };
}

function currentSpan(before: Uploads | undefined, nowMs: number, windowMs: number): Uploads {
  if (before === undefined) return { startedMs: nowMs, bytes: 0, previousBytes: 0 };
  const spans = Math.floor((nowMs - before.startedMs) / windowMs);
  if (spans < 1) return before;
  const startedMs = before.startedMs + spans * windowMs;
  return { startedMs, bytes: 0, previousBytes: spans === 1 ? before.bytes : 0 };
}
