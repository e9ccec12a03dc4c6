/**
 * At most one modification per writing space at a time within a client (A-10 §1): across tabs by
 * the Web Locks API where there is one, else within this instance. The compare-and-set of the
 * pointer is what keeps the data right; the lock only spares lost races.
 */
import type { KeyHash } from '#lib/crypto/index.ts';

/** Runs `work` while no other work under the same name runs, in order of asking. */
export type WriterLock = <T>(
  name: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
) => Promise<T>;

/** A lock over `locks` (`navigator.locks`), or within this instance where a browser has none. */
export function createWriterLock(locks?: Pick<LockManager, 'request'>): WriterLock {
  return locks === undefined ? createQueue() : webLock(locks);
}

/** Runs a modification of one writing space alone. */
export function withWriterLock<T>(
  lock: WriterLock,
  owner: KeyHash,
  writer: KeyHash,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return lock(`pyrgos/writer/${owner.toString()}/${writer.toString()}`, work, signal);
}

function webLock(locks: Pick<LockManager, 'request'>): WriterLock {
  // The signal ends the waiting only; once the lock is held the work listens to it itself.
  return async <T>(name: string, work: () => Promise<T>, signal?: AbortSignal): Promise<T> =>
    signal === undefined
      ? await locks.request(name, work)
      : await locks.request(name, { signal }, work);
}

function createQueue(): WriterLock {
  const tails = new Map<string, Promise<unknown>>();
  return async (name, work, signal) => {
    const before = tails.get(name);
    let release = (): void => undefined;
    const mine = new Promise<void>((resolve) => (release = resolve));
    const tail = Promise.all([before, mine]);
    tails.set(name, tail);
    try {
      await unlessAborted(before, signal);
      return await work();
    } finally {
      release();
      if (tails.get(name) === tail) tails.delete(name);
    }
  };
}

async function unlessAborted(
  turn: Promise<unknown> | undefined,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  if (turn === undefined || signal === undefined) {
    await turn;
    return;
  }
  await new Promise<void>((resolve, reject) => {
    const give = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', give, { once: true });
    void turn.then(() => {
      signal.removeEventListener('abort', give);
      resolve();
    });
  });
}
