/** Brings this node's copy of all names up to date, now and every minute (B-2 §9). */
import type { ServerRegistry } from '../registry/registry.ts';

const EVERY_MS = 60_000;

/** Answers how to end it, which waits for a step under way. */
export function mirrorRegularly({ step }: Pick<ServerRegistry, 'step'>): () => Promise<void> {
  const stop = new AbortController();
  let underWay: Promise<void> | undefined;
  const begin = (): void => {
    underWay ??= step(stop.signal).finally(() => (underWay = undefined));
  };
  begin();
  const timer = setInterval(begin, EVERY_MS);
  return async () => {
    clearInterval(timer);
    stop.abort();
    await underWay;
  };
}
