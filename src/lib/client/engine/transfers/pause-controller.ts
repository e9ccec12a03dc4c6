/** Pauses work: it waits at each step while paused, and goes on after `resume`. */
export class PauseController {
  #resumed: PromiseWithResolvers<void> | undefined;

  get isPaused(): boolean {
    return this.#resumed !== undefined;
  }

  pause(): void {
    this.#resumed ??= Promise.withResolvers();
  }

  resume(): void {
    this.#resumed?.resolve();
    this.#resumed = undefined;
  }

  /** Resolves while not paused; rejects when the signal is aborted before. */
  async untilResumed(signal?: AbortSignal): Promise<void> {
    while (this.#resumed !== undefined) {
      const aborted = Promise.withResolvers<never>();
      const abort = (): void => aborted.reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
      try {
        await Promise.race([this.#resumed.promise, aborted.promise]);
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    }
    signal?.throwIfAborted();
  }
}
