/**
 * Reading a body no further than it may be: longer ones are refused at the first byte too many, slow
 * ones when they stand still or fall behind the slowest line served, and all bodies held at once
 * share one budget. What is announced and not sent takes nothing from it. Input: hostile.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { MalformedRequest } from '#lib/protocol/index.ts';

/** A body makes no progress, or too little. */
export class SlowBody extends PyrgosError {
  override readonly name: string = 'SlowBody';
  override readonly kind = 'offline';
}

/** What is made ready for a body of unknown length. */
const FIRST_BYTES = 4096;

export interface BodyLimits {
  /** Between two pieces. */
  readonly idleMs: number;
  /** A body may take this long, and as long beside as `bytesPerSecond` takes for what has come. */
  readonly graceMs: number;
  readonly bytesPerSecond: number;
  readonly clock: () => number;
}

/** At most `maxBytes`; tells `hold` of every piece it keeps. */
export async function readBody(
  request: Request,
  maxBytes: number,
  limits: BodyLimits,
  hold: (bytes: number) => void,
): Promise<Uint8Array> {
  const announced = Number(request.headers.get('content-length') ?? 0);
  if (announced > maxBytes) throw tooLong(maxBytes);
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  // Into one buffer, so that it does not matter in how many pieces it comes. Where its length is
  // known an upload is copied once.
  let whole = new Uint8Array(announced > 0 ? announced : FIRST_BYTES);
  const startMs = limits.clock();
  let length = 0;
  try {
    for (;;) {
      const deadlineMs = startMs + limits.graceMs + (length / limits.bytesPerSecond) * 1000;
      const waitMs = Math.min(limits.idleMs, deadlineMs - limits.clock());
      const { done, value } = await within(waitMs, reader.read().catch(cutOff));
      if (done) return whole.subarray(0, length);
      const end = length + value.length;
      if (end > (announced > 0 ? announced : maxBytes)) throw tooLong(maxBytes);
      hold(value.length);
      if (end > whole.length) whole = grown(whole, Math.max(end, 2 * whole.length));
      whole.set(value, length);
      length = end;
    }
  } catch (error) {
    // What is still coming is of no use; a stream that is broken already may refuse.
    reader.cancel().catch(() => undefined);
    throw error;
  }
}

function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(length);
  larger.set(bytes);
  return larger;
}

/** The sender's fault, not the node's. */
function cutOff(error: unknown): never {
  throw new MalformedRequest('The request was cut off.', { cause: error });
}

function tooLong(maxBytes: number): MalformedRequest {
  return new MalformedRequest(`Input exceeds maximum size of ${maxBytes} bytes`);
}

async function within<T>(waitMs: number, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    const fail = () => reject(new SlowBody('The request was sent too slowly.'));
    timer = setTimeout(fail, Math.max(0, waitMs));
  });
  try {
    return await Promise.race([promise, tooSlow]);
  } finally {
    clearTimeout(timer);
  }
}
