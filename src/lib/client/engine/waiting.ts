/**
 * Changes that wait on this device for a server that is away: how many they are is told, and they
 * are sent when it answers again. One tab sends at a time.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { champPairs } from '#lib/champ/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { sendWaiting, type DriveDeps, type Home } from '#lib/drive/index.ts';
import { NodeUnreachable } from '#lib/node/index.ts';
import type { QueueingNode } from '#lib/node/index.ts';
import { createWriterLock, Snapshot } from '#lib/writers/index.ts';
import { describeError } from '../wire/rpc.ts';
import type { Events } from './events.ts';
import { TRASH_FOLDER } from './system-names.ts';

/** The queue of a place, and who hears of it. */
export interface Queue {
  readonly node: QueueingNode;
  /** Hears when changes begin to wait, or were sent; the result ends it. */
  listen(listener: () => void): () => void;
}

export interface WaitingDeps {
  readonly queue: Queue;
  readonly drive: DriveDeps;
  readonly home: Home;
  readonly events: Events;
  /** Other changes than this device's are in the tree now. */
  readonly changed: () => void;
}

/** Some changes could not be sent before something that needs them there. */
export class ChangesWaiting extends PyrgosError {
  override readonly name = 'ChangesWaiting';
  constructor(options?: ErrorOptions) {
    super(
      'Some changes still wait on this device for the server. Please try again later.',
      options,
    );
  }
}

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;
/** A map of some ten thousand files; of larger ones a part is kept. */
const MAP_NODES_MAX = 8_000;

class MapTooLarge extends Error {}

export class Waiting {
  readonly #deps: WaitingDeps;
  readonly #stop = new AbortController();
  readonly #unlisten: () => void;
  #running: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #told = 0;

  constructor(deps: WaitingDeps) {
    this.#deps = deps;
    this.#unlisten = deps.queue.listen(() => void this.#tell().catch(() => undefined));
  }

  /** Looks whether anything waits from an earlier visit, and begins to send it. */
  async start(): Promise<void> {
    await this.#tell();
    if (this.#told > 0) this.soon(0);
    else await this.#keepMap();
  }

  /** Sends what waits, a moment from now. */
  soon(delayMs = FIRST_RETRY_MS): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.send().catch(() => undefined), delayMs);
  }

  /** Sends what waits now. Throws what keeps it from being sent; it is tried again by itself. */
  async send(): Promise<void> {
    this.#running ??= this.#send().finally(() => (this.#running = undefined));
    await this.#running;
  }

  /** Resolves when nothing waits. Throws {@link ChangesWaiting}. */
  async flush(): Promise<void> {
    const { queue, home } = this.#deps;
    try {
      if ((await queue.node.pending(home.owner)) > 0) await this.send();
    } catch (error) {
      throw new ChangesWaiting({ cause: error });
    }
    if ((await queue.node.pending(home.owner)) > 0) throw new ChangesWaiting();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#unlisten();
    this.#stop.abort();
  }

  async #send(): Promise<void> {
    const { queue, drive, home, events, changed } = this.#deps;
    const { owner } = home;
    const { signal } = this.#stop;
    const lock = drive.lock ?? createWriterLock();
    try {
      const sent = await lock(
        `pyrgos/waiting/${owner.toString()}`,
        async () => {
          if ((await queue.node.pending(owner)) === 0) return undefined;
          return sendWaiting(queue.node, drive, home, { signal, trash: TRASH_FOLDER });
        },
        signal,
      );
      this.#retryMs = FIRST_RETRY_MS;
      await this.#tell();
      if (sent === undefined) return;
      changed();
      const { keptBoth, notDeleted, lost } = sent;
      if (sent.isWhole) events.emit({ kind: 'sent', keptBoth, notDeleted, lost });
      else this.soon();
    } catch (error) {
      if (signal.aborted) return;
      this.soon(this.#retryMs);
      this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
      await this.#tell(error instanceof NodeUnreachable ? undefined : error);
      throw error;
    }
  }

  /**
   * Reads the whole data map once, so that it is kept here: what is new gets a place anywhere in it,
   * and without a network the way to that place has to be known (A-5 §4).
   */
  async #keepMap(): Promise<void> {
    const { drive, home } = this.#deps;
    const { signal } = this.#stop;
    const view = new Snapshot(drive, home.owner);
    const { data } = await view.state(home.capability.writer, signal);
    let nodes = 0;
    const load = (cid: Cid): Promise<Uint8Array> => {
      signal.throwIfAborted();
      if (++nodes > MAP_NODES_MAX) throw new MapTooLarge();
      return view.block(cid, undefined, signal);
    };
    try {
      const pairs = champPairs(load, data?.tree)[Symbol.asyncIterator]();
      while ((await pairs.next()).done !== true);
    } catch (error) {
      if (!(error instanceof MapTooLarge)) throw error;
    }
  }

  async #tell(failure?: unknown): Promise<void> {
    const { queue, home, events } = this.#deps;
    const changes = await queue.node.pending(home.owner);
    const isMore = changes > this.#told;
    if (changes === this.#told && failure === undefined) return;
    this.#told = changes;
    const told = failure === undefined ? {} : { failure: describeError(failure) };
    events.emit({ kind: 'waiting', changes, ...told });
    if (isMore && this.#running === undefined) this.soon();
  }
}
