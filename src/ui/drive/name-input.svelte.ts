/** A name being typed for something in a folder, and what speaks against it. */
import type { Entry } from '#lib/client/index.ts';
import { describeError } from '../app/describe-error.ts';
import { looksLike } from '../text/fold.ts';

export class NameInput {
  value = $state('');
  busy = $state(false);
  error = $state<string | undefined>(undefined);
  readonly #siblings: () => readonly Entry[];

  /** What is here already and would look the same; nothing that forbids it. */
  readonly lookalike = $derived.by(
    () => this.#siblings().find(({ name }) => looksLike(name, this.value))?.name,
  );

  /** @param siblings what is in the folder, without the thing itself */
  constructor(name: string, siblings: () => readonly Entry[]) {
    this.value = name;
    this.#siblings = siblings;
  }

  /** Gives it the name. True if that went well; else it says why not. */
  async submit(action: (name: string) => Promise<void>): Promise<boolean> {
    if (this.busy || this.value === '') return false;
    this.busy = true;
    try {
      await action(this.value);
      return true;
    } catch (caught) {
      this.error = describeError(caught);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
