/**
 * Whether the node can be reached. One request that fails says little: the node is asked a small
 * question then, and only if that fails too it counts as away. While it is away new requests fail
 * at once, and it is asked again every few seconds until it answers.
 */
import { NodeUnreachable } from '#lib/protocol/index.ts';
import { later } from './timers.ts';

const FIRST_PROBE_MS = 1_000;
const LONGEST_PROBE_MS = 30_000;

export interface ConnectionDeps {
  /** A small question to the node; rejects if it cannot be asked. */
  readonly probe: () => Promise<void>;
  /** What the device says of its network; true where it says nothing. */
  readonly hasNetwork: () => boolean;
  readonly onChange?: ((isOnline: boolean) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class Connection {
  readonly #deps: ConnectionDeps;
  #isOnline = true;
  #isProbing = false;
  #pauseMs = FIRST_PROBE_MS;
  #cancelProbe: (() => void) | undefined;
  readonly #wakers = new Set<() => void>();
  readonly #listeners = new Set<(isOnline: boolean) => void>();

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
    deps.signal?.addEventListener('abort', () => this.#cancelProbe?.(), { once: true });
  }

  get isOnline(): boolean {
    return this.#isOnline && this.#deps.hasNetwork();
  }

  /** Throws {@link NodeUnreachable} while the node is away. */
  requireOnline(): void {
    if (this.isOnline) return;
    if (this.#isOnline || this.#pauseMs > 2 * FIRST_PROBE_MS) {
      // A caller waits, so the next probe is sent sooner than planned.
      this.#pauseMs = FIRST_PROBE_MS;
      this.#away();
    }
    throw new NodeUnreachable('The server cannot be reached at the moment.');
  }

  /** The node answered. */
  succeeded(): void {
    if (this.#isOnline) return;
    this.#pauseMs = FIRST_PROBE_MS;
    this.#cancelProbe?.();
    this.#set(true);
    for (const wake of [...this.#wakers]) wake();
  }

  /** A request did not get through, or its answer did not. */
  failed(): void {
    if (!this.#isOnline) return;
    if (this.#deps.hasNetwork()) void this.probe();
    else this.#away();
  }

  /** Asks the node now, for instance because the device says that its network is back. */
  async probe(): Promise<void> {
    if (this.#isProbing || this.#deps.signal?.aborted === true) return;
    this.#isProbing = true;
    try {
      await this.#deps.probe();
      this.succeeded();
    } catch {
      this.#away();
    } finally {
      this.#isProbing = false;
    }
  }

  /** Runs `wake` once when the node is back. Answers how to take that back. */
  onceBack(wake: () => void): () => void {
    const once = (): void => {
      this.#wakers.delete(once);
      wake();
    };
    this.#wakers.add(once);
    return () => this.#wakers.delete(once);
  }

  /** Calls the listener when the node stops and starts to answer; the result ends it. */
  listen(listener: (isOnline: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #away(): void {
    this.#set(false);
    if (this.#deps.signal?.aborted === true) return;
    this.#cancelProbe?.();
    this.#cancelProbe = later(this.#pauseMs, () => void this.probe());
    this.#pauseMs = Math.min(2 * this.#pauseMs, LONGEST_PROBE_MS);
  }

  #set(isOnline: boolean): void {
    if (this.#isOnline === isOnline) return;
    this.#isOnline = isOnline;
    this.#deps.onChange?.(isOnline);
    for (const listener of [...this.#listeners]) listener(isOnline);
  }
}
