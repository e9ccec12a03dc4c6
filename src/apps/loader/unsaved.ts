/**
 * Whether there is unsaved work, which closing asks about. Apps of other clients do not say so; a
 * change by the person counts until the app's next write. An app that says it itself is believed
 * from then on: `dispatchEvent(new CustomEvent('pyrgos-state', {detail: {dirty: true}}))`.
 */
import type { appPageCalls } from '#lib/frames/index.ts';
import type { Caller } from '#lib/rpc/index.ts';

export class Unsaved {
  readonly #page: Caller<typeof appPageCalls>;
  /** It was opened on a file it may write, or has written. */
  #mayWrite: boolean;
  #isTold = false;
  #isDirty = false;

  constructor(page: Caller<typeof appPageCalls>, query: string) {
    this.#page = page;
    this.#mayWrite = new URLSearchParams(query).get('isPathWritable') === 'true';
  }

  readonly written = (): void => {
    this.#mayWrite = true;
    if (!this.#isTold) this.#set(false);
  };

  /** To be called for each document that is opened. */
  listen(): void {
    addEventListener('input', ({ isTrusted }) => {
      if (isTrusted && this.#mayWrite && !this.#isTold) this.#set(true);
    });
    addEventListener('pyrgos-state', (event) => {
      const { detail } = event as CustomEvent<{ dirty?: unknown } | null>;
      this.#isTold = true;
      this.#set(detail?.dirty === true);
    });
  }

  #set(isDirty: boolean): void {
    if (isDirty === this.#isDirty) return;
    this.#isDirty = isDirty;
    this.#page.call('state', [{ dirty: isDirty }]).catch(() => undefined);
  }
}
