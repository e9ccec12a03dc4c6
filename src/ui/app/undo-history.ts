/**
 * The operations on files that can be undone: from the toast that reports one, or with a key, the
 * latest first. The client knows how an operation is undone and whether that is still possible.
 */
import type { Client, Undoable } from '#lib/client/index.ts';
import { m } from '../text/messages.ts';
import type { Toasts } from './toasts.svelte.ts';

/** The client keeps as many. */
const KEPT = 100;

export interface UndoHistoryDeps {
  readonly client: Pick<Client, 'undo'>;
  readonly toasts: Toasts;
  /** Runs an operation and shows a failure as a toast; true if it succeeded. */
  readonly attempt: (operation: () => Promise<void>) => Promise<boolean>;
}

export class UndoHistory {
  readonly #deps: UndoHistoryDeps;
  #undos: readonly string[] = [];
  readonly #running = new Set<Promise<unknown>>();

  constructor(deps: UndoHistoryDeps) {
    this.#deps = deps;
  }

  /** Registers a running operation, so that an undo waits for it and undoes it. */
  during<T>(operation: Promise<T>): Promise<T> {
    this.#running.add(operation);
    const end = (): void => void this.#running.delete(operation);
    operation.then(end, end);
    return operation;
  }

  /** Shows what was done, with an undo button if it can be undone. `say`: one function per kind. */
  did({ undo }: Undoable, count: number, say: (count: number) => string): void {
    const { toasts } = this.#deps;
    if (undo === undefined) return toasts.done(say(count));
    this.remember({ undo });
    toasts.did({ count, say, undo }, m.undo(), this.#undoTold);
  }

  /** Records an operation without a toast: the screen shows its result. */
  remember({ undo }: Undoable): void {
    if (undo !== undefined) this.#undos = [...this.#undos, undo].slice(-KEPT);
  }

  /** Undoes the latest operation, also one that is still running. */
  async undoLast(): Promise<void> {
    await this.#settled();
    const last = this.#undos.at(-1);
    if (last === undefined) this.#deps.toasts.done(m.nothing_to_undo());
    else await this.#undo([last]);
  }

  /** Another account signs in. */
  clear(): void {
    this.#undos = [];
  }

  /** An operation is undone after all running ones have ended. */
  async #settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  readonly #undoTold = (ids: readonly string[]): void => void this.#undo(ids);

  async #undo(ids: readonly string[]): Promise<void> {
    const { client, toasts, attempt } = this.#deps;
    this.#undos = this.#undos.filter((undo) => !ids.includes(undo));
    for (const id of ids) toasts.undone(id, m.undo(), this.#undoTold);
    await this.#settled();
    await attempt(async () => {
      for (const id of ids) await client.undo(id);
      toasts.done(m.undone());
    });
  }
}
