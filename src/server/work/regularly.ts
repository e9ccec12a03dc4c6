/**
 * Begins work now, or after a while, and then every so many milliseconds; while it is under way, no
 * second one begins. Work tells of its own failures. Answers how to end it, which waits for what is
 * under way.
 */
export function regularly(
  everyMs: number,
  work: (signal: AbortSignal) => Promise<void>,
  firstAfterMs = 0,
): () => Promise<void> {
  const stop = new AbortController();
  let underWay: Promise<void> | undefined;
  const begin = (): void => {
    underWay ??= work(stop.signal).finally(() => (underWay = undefined));
  };
  const first = firstAfterMs === 0 ? undefined : setTimeout(begin, firstAfterMs);
  if (first === undefined) begin();
  const timer = setInterval(begin, everyMs);
  return async () => {
    clearTimeout(first);
    clearInterval(timer);
    stop.abort();
    await underWay;
  };
}
