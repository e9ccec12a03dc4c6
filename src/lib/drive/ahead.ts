/**
 * Bounded look-ahead: the one shape behind every pipeline of the drive. Work on item i+1 … i+n
 * goes on while item i is being used; results come in order; leaving the loop, by an error or by
 * choice, aborts what is still running.
 */

/**
 * Maps `items` in order; at most `limit` of them are being worked on, waiting to be taken, or in the
 * hands of the caller, who is done with one when he asks for the next. `first` (by default all of
 * `limit`) are begun at once; with each one taken one more may run.
 * @throws what `work` throws for the earliest item that fails; the signal's reason when aborted
 */
export async function* mapAhead<T, R>(
  items: Iterable<T>,
  limit: number,
  work: (item: T, signal: AbortSignal) => Promise<R>,
  signal?: AbortSignal,
  first = limit,
): AsyncGenerator<R, void, void> {
  const stop = new AbortController();
  const inner = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const running: Promise<R>[] = [];
  const source = items[Symbol.iterator]();
  const startNext = () => {
    const next = source.next();
    if (next.done) return;
    const result = work(next.value, inner);
    result.catch(() => undefined); // reported when its turn comes, or not at all after a stop
    running.push(result);
  };
  try {
    for (let i = 0; i < first; i++) startNext();
    let room = first;
    for (let next = running.shift(); next; next = running.shift()) {
      signal?.throwIfAborted();
      yield await next;
      startNext();
      if (room < limit) startNext();
      room = Math.min(limit, room + 1);
    }
  } finally {
    stop.abort();
  }
}

/** All results of `work` over `items`, in order, at most `limit` at a time. */
export async function mapLimited<T, R>(
  items: readonly T[],
  limit: number,
  work: (item: T, signal: AbortSignal) => Promise<R>,
  signal?: AbortSignal,
): Promise<R[]> {
  const results: R[] = [];
  for await (const result of mapAhead(items, limit, work, signal)) results.push(result);
  return results;
}

/** `items` cut into runs of `size`; the last may be shorter. */
export function inRuns<T>(items: readonly T[], size: number): T[][] {
  const runs: T[][] = [];
  for (let i = 0; i < items.length; i += size) runs.push(items.slice(i, i + size));
  return runs;
}
