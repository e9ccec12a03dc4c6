/**
 * What a person did to files, so that the last of it can be taken back: by the note that says it
 * was done, or by a key, one act after the other. How an act is undone, and whether it still can
 * be, is the client's to know.
 */
import type { Client, Undoable } from '#lib/client/index.ts';
import { m } from '../text/messages.ts';
import type { Toasts } from './toasts.svelte.ts';

/** As many as the client keeps. */
const KEPT = 100;

export interface LastActsDeps {
  readonly client: Pick<Client, 'undo'>;
  readonly toasts: Toasts;
  /** Runs an act and says at the edge what failed; true if it went well. */
  readonly attempt: (act: () => Promise<void>) => Promise<boolean>;
}

export class LastActs {
  readonly #deps: LastActsDeps;
  #undos: readonly string[] = [];
  readonly #running = new Set<Promise<unknown>>();

  constructor(deps: LastActsDeps) {
    this.#deps = deps;
  }

  /** An act under way, up to the moment it is told: what is undone next is this one. */
  during<T>(act: Promise<T>): Promise<T> {
    this.#running.add(act);
    const end = (): void => void this.#running.delete(act);
    act.then(end, end);
    return act;
  }

  /** Says what was done, with a way back if there is one. `say` is one function for one kind. */
  did({ undo }: Undoable, count: number, say: (count: number) => string): void {
    const { toasts } = this.#deps;
    if (undo === undefined) return toasts.done(say(count));
    this.remember({ undo });
    toasts.did({ count, say, undo }, m.undo(), this.#undoTold);
  }

  /** An act that the screen shows by itself. */
  remember({ undo }: Undoable): void {
    if (undo !== undefined) this.#undos = [...this.#undos, undo].slice(-KEPT);
  }

  /** Takes the last act back, also one that is still under way. */
  async undoLast(): Promise<void> {
    await this.#settled();
    const last = this.#undos.at(-1);
    if (last === undefined) this.#deps.toasts.done(m.nothing_to_undo());
    else await this.#undo([last]);
  }

  /** Another account has nothing to do with these. */
  clear(): void {
    this.#undos = [];
  }

  /** DriveOperations are undone on what later ones made of the folders, never in the middle of one. */
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
