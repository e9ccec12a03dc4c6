/** Waiting, as the client of a node needs it: ended by a signal, and never a reason to stay alive. */

/** Resolves after a while; rejects with the signal's reason when that is earlier. */
export type Pause = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

export const pause: Pause = (milliseconds, signal) =>
  new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const give = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', give);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', give, { once: true });
  });

/** Runs `work` later; a process with nothing else to do ends without it. Answers how to cancel it. */
export function later(milliseconds: number, work: () => void): () => void {
  const timer = setTimeout(work, milliseconds);
  // A browser's timer is a number.
  if (typeof timer === 'object') timer.unref();
  return () => clearTimeout(timer);
}
