/**
 * At most one modification per writing space at a time (A-10 §1). Inside one engine this queue is
 * enough; between tabs the compare-and-swap of the pointer decides, and a host that can lock
 * across tabs may pass its own {@link Lock}.
 */

/** Runs `work` while no other work under the same name runs, in order of asking. */
export type Lock = <T>(name: string, work: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** A lock that holds within this instance. */
export function createLock(): Lock {
  const tails = new Map<string, Promise<unknown>>();
  return async (name, work, signal) => {
    const before = tails.get(name);
    const mine = (async () => {
      await before?.catch(() => undefined);
      signal?.throwIfAborted();
      return work();
    })();
    tails.set(name, mine);
    try {
      return await mine;
    } finally {
      if (tails.get(name) === mine) tails.delete(name);
    }
  };
}
