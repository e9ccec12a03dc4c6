/**
 * Whether the node can be reached. One request that fails says little: the node is asked a small
 * question then, and only if that fails too it counts as away. While it is away new requests fail
 * at once, and it is asked again every few seconds until it answers.
 */
import { NodeUnreachable } from '../../errors.ts';
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
  #nextProbeMs = FIRST_PROBE_MS;
  #cancelProbe: (() => void) | undefined;
  #wakers = new Set<() => void>();

  constructor(deps: ConnectionDeps) {
    this.#deps = deps;
    deps.signal?.addEventListener('abort', () => this.#cancelProbe?.(), { once: true });
  }

  get isOnline(): boolean {
    return this.#isOnline && this.#deps.hasNetwork();
  }

  /** Throws {@link NodeUnreachable} while the node is away. */
  demand(): void {
    if (this.isOnline) return;
    if (this.#isOnline) this.#away();
    throw new NodeUnreachable('The server cannot be reached at the moment.');
  }

  /** The node answered. */
  succeeded(): void {
    this.#nextProbeMs = FIRST_PROBE_MS;
    if (this.#isOnline) return;
    this.#cancelProbe?.();
    this.#set(true);
    for (const wake of [...this.#wakers]) wake();
  }

  /** A request did not get through, or its answer did not. */
  failed(): void {
    if (this.#isOnline && !this.#deps.hasNetwork()) this.#away();
    else if (this.#isOnline) void this.#probe();
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

  async #probe(): Promise<void> {
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

  #away(): void {
    this.#set(false);
    if (this.#deps.signal?.aborted === true) return;
    this.#cancelProbe?.();
    this.#cancelProbe = later(this.#nextProbeMs, () => void this.#probe());
    this.#nextProbeMs = Math.min(2 * this.#nextProbeMs, LONGEST_PROBE_MS);
  }

  #set(isOnline: boolean): void {
    if (this.#isOnline === isOnline) return;
    this.#isOnline = isOnline;
    this.#deps.onChange?.(isOnline);
  }
}
