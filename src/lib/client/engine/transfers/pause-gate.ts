/** A gate that work passes before each step: closing it pauses the work, opening lets it go on. */
export class PauseGate {
  #opened: PromiseWithResolvers<void> | undefined;

  get isClosed(): boolean {
    return this.#opened !== undefined;
  }

  close(): void {
    this.#opened ??= Promise.withResolvers();
  }

  open(): void {
    this.#opened?.resolve();
    this.#opened = undefined;
  }

  /** Resolves when the gate is open; rejects when the signal is aborted before. */
  async pass(signal?: AbortSignal): Promise<void> {
    while (this.#opened !== undefined) {
      const aborted = Promise.withResolvers<never>();
      const abort = (): void => aborted.reject(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted) abort();
      try {
        await Promise.race([this.#opened.promise, aborted.promise]);
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    }
    signal?.throwIfAborted();
  }
}
