/** The transfers panel: open or not, and what all transfers together amount to. */
import { createContext } from 'svelte';
import type { Transfer } from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { Steady, type Shown } from './steady.ts';

const STAYS_MS = 6_000;
const ACTIVE = new Set<Transfer['state']>(['waiting', 'running', 'paused']);

export class TransfersView {
  open = $state(false);
  /** The transfer whose files are shown. */
  #opened = $state<string>();
  readonly #app: AppState;
  readonly #steady = new Steady();
  #seen = new Set<string>();
  #openedItself = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  readonly active = $derived.by(() => this.#app.transfers.filter((one) => ACTIVE.has(one.state)));
  readonly failed = $derived.by(() => this.#app.transfers.filter((one) => one.state === 'failed'));
  readonly running = $derived(this.active.filter((one) => one.state === 'running'));
  readonly shown = $derived.by((): ReadonlyMap<string, Shown> => {
    return new Map(this.#app.transfers.map((one) => [one.id, this.#steady.show(one)]));
  });
  /** From 0 to 1 over everything under way, the larger ones weighing more. */
  readonly share = $derived.by(() => {
    let [done, total] = [0, 0];
    for (const { id, totalBytes } of this.active) {
      done += totalBytes * (this.shown.get(id)?.share ?? 0);
      total += totalBytes;
    }
    return total === 0 ? 0 : done / total;
  });

  constructor(app: AppState) {
    this.#app = app;
  }

  /** Still in the list, or there is nothing to show of it. */
  readonly opened = $derived.by(() => this.#app.transfers.find(({ id }) => id === this.#opened));

  /** Shows the files of a transfer, or all transfers. */
  look(id: string | undefined): void {
    this.#opened = id;
  }

  toggle(): void {
    this.open = !this.open;
    this.#openedItself = false;
  }

  hide(): void {
    this.open = false;
    this.#opened = undefined;
    this.#openedItself = false;
  }

  /**
   * Opens by itself when something new begins, stays closed once the person closed it, and goes
   * a little after all went well if nobody asked for it.
   */
  notice(transfers: readonly Transfer[]): void {
    const fresh = transfers.some((one) => !this.#seen.has(one.id));
    this.#seen = new Set(transfers.map((one) => one.id));
    if (fresh && !this.open) {
      this.open = true;
      this.#openedItself = true;
    }
    clearTimeout(this.#timer);
    const wentWell = transfers.every(({ state, filesFailed }) => {
      return state !== 'failed' && (state !== 'done' || filesFailed === 0);
    });
    if (this.#openedItself && this.active.length === 0 && wentWell) {
      this.#timer = setTimeout(() => this.hide(), STAYS_MS);
    }
  }

  /** Somebody looks at it: it stays. */
  keep(): void {
    this.#openedItself = false;
    clearTimeout(this.#timer);
  }
}

export const [getTransfersView, setTransfersView] = createContext<TransfersView>();
