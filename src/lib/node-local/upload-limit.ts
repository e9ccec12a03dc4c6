/**
 * How much an owner may upload in a span of time, if the operator set a limit (B-5 §1). Counted in two
 * spans, the current one and what is left of the one before, which is exact enough and small.
 */
import { RateLimited } from '#lib/protocol/index.ts';
import type { Uploads } from './records.ts';

export interface UploadLimit {
  readonly bytes: number;
  readonly windowMs: number;
}

interface Now extends UploadLimit {
  readonly nowMs: number;
}

/** The count with `sizeBytes` more. Throws {@link RateLimited}, which says when it ends. */
export function uploadsAfter(before: Uploads | undefined, sizeBytes: number, limit: Now): Uploads {
  const span = currentSpan(before, limit.nowMs, limit.windowMs);
  if (recentBytes(span, limit) + sizeBytes > limit.bytes) {
    throw new RateLimited('uploads', { untilMs: endOf(span, sizeBytes, limit) });
  }
  return { ...span, bytes: span.bytes + sizeBytes };
}

function recentBytes(
  { startedMs, bytes, previousBytes }: Uploads,
  { nowMs, windowMs }: Now,
): number {
  const shareLeft = 1 - (nowMs - startedMs) / windowMs;
  return bytes + previousBytes * Math.min(1, Math.max(0, shareLeft));
}

/** When so much will have room again. What is more than the limit never has: then when all ends. */
function endOf(
  { startedMs, bytes, previousBytes }: Uploads,
  sizeBytes: number,
  limit: Now,
): number {
  const room = Math.max(0, limit.bytes - sizeBytes);
  if (bytes <= room) {
    return Math.ceil(startedMs + limit.windowMs * (1 - (room - bytes) / previousBytes));
  }
  return Math.ceil(startedMs + limit.windowMs * (2 - room / bytes));
}

function currentSpan(before: Uploads | undefined, nowMs: number, windowMs: number): Uploads {
  if (before === undefined) return { startedMs: nowMs, bytes: 0, previousBytes: 0 };
  const spans = Math.floor((nowMs - before.startedMs) / windowMs);
  if (spans < 1) return before;
  const startedMs = before.startedMs + spans * windowMs;
  return { startedMs, bytes: 0, previousBytes: spans === 1 ? before.bytes : 0 };
}
