/**
 * Pending changes: they are stored on this device because the server cannot be reached. This module
 * tells the screens how many there are, and sends them when the server answers again. One tab sends
 * at a time.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { champPairs } from '#lib/champ/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import {
  ChangesRefused,
  MergeReport,
  syncPending,
  TRASH_FOLDER,
  type DriveDeps,
  type Home,
} from '#lib/drive/index.ts';
import type { OfflineNode } from '#lib/offline/index.ts';
import { NodeUnreachable } from '#lib/protocol/index.ts';
import { createWriterLock, Snapshot, withWriterLock } from '#lib/writers/index.ts';
import type { PendingChanges } from '../../types.ts';
import { describeError } from '#lib/rpc/index.ts';
import type { Events } from '../events.ts';

/** The pending changes of a node, and their listeners. */
export interface PendingQueue {
  readonly node: OfflineNode;
  /** Calls `listener` when there are more or fewer pending changes; the result ends it. */
  listen(listener: () => void): () => void;
}

export interface PendingSyncDeps {
  readonly queue: PendingQueue;
  readonly drive: DriveDeps;
  readonly home: Home;
  readonly events: Events;
  /** The tree now also holds changes of other devices. */
  readonly changed: () => void;
  /** Makes the other tabs of this browser read the number of pending changes again. */
  readonly tellTabs: () => void;
}

/** Pending changes could not be sent, and the operation needs them at the server. */
export class ChangesPending extends PyrgosError {
  override readonly name = 'ChangesPending';
  override readonly kind = 'refused';
  constructor(options?: ErrorOptions) {
    super(
      'Some changes are still pending on this device. Please try again when the server can be reached.',
      options,
    );
  }
}

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;
/** Frequent triggers of `retry` do not ask the server more often than this. */
const LEAST_PAUSE_MS = 10_000;
/** Refused changes are sent again when something changes, and otherwise after this time. */
const REFUSED_RETRY_MS = 1_800_000;
/** A data map of about ten thousand files; of a larger map only a part is kept. */
const MAP_NODES_MAX = 8_000;

class MapTooLarge extends Error {
  override readonly name = 'MapTooLarge';
  readonly kind = 'bug';
}

export class PendingSync {
  readonly #deps: PendingSyncDeps;
  readonly #stop = new AbortController();
  readonly #unlisten: () => void;
  #running: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #triedMs = -Infinity;
  #dueMs = Infinity;
  /** Told to the user when everything is sent. */
  #report = new MergeReport();
  #told: PendingChanges = { changes: 0, isSending: false };

  constructor(deps: PendingSyncDeps) {
    this.#deps = deps;
    this.#unlisten = deps.queue.listen(() => {
      deps.tellTabs();
      this.changedElsewhere();
    });
  }

  /** Begins to send the pending changes of an earlier visit. */
  async start(): Promise<void> {
    await this.#tell();
    if (this.#told.changes > 0) this.soon(0);
    else await this.#keepMap();
  }

  /** Sends the pending changes after a delay. */
  soon(delayMs = FIRST_RETRY_MS): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#dueMs = performance.now() + delayMs;
    this.#timer = setTimeout(() => void this.send().catch(() => undefined), delayMs);
  }

  /** Something changed, so a refused change may be accepted now. Calls close together count once. */
  retry(): void {
    if (this.#told.changes === 0 || this.#running !== undefined) return;
    const delayMs = Math.max(0, this.#triedMs + LEAST_PAUSE_MS - performance.now());
    if (performance.now() + delayMs < this.#dueMs) this.soon(delayMs);
  }

  /** Sends the pending changes now. Throws what prevents it; it is tried again later by itself. */
  async send(): Promise<void> {
    if (this.#running === undefined) [this.#triedMs, this.#dueMs] = [performance.now(), Infinity];
    this.#running ??= this.#send().finally(() => (this.#running = undefined));
    await this.#running;
  }

  /** Resolves when no change is pending. Throws {@link ChangesPending}. */
  async flush(): Promise<void> {
    const { queue, home } = this.#deps;
    try {
      if ((await queue.node.pending(home.owner)) > 0) await this.send();
    } catch (error) {
      throw new ChangesPending({ cause: error });
    }
    if ((await queue.node.pending(home.owner)) > 0) throw new ChangesPending();
  }

  /** The number of pending changes is different now, here or in another tab. */
  changedElsewhere(): void {
    this.#tell().catch(() => undefined);
  }

  /** Deletes the pending changes: they are lost. */
  async discard(): Promise<void> {
    const { queue, drive, home, changed } = this.#deps;
    const { owner, capability } = home;
    const lock = drive.lock ?? createWriterLock();
    await withWriterLock(lock, owner, capability.writer, () => queue.node.discard(owner));
    await this.#tell({});
    changed();
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
          await this.#tell({ isSending: true });
          const report = this.#report;
          return syncPending(queue.node, drive, home, { signal, trash: TRASH_FOLDER, report });
        },
        signal,
      );
      this.#retryMs = FIRST_RETRY_MS;
      await this.#tell({});
      if (sent === undefined) return;
      changed();
      if (!sent.isWhole) return this.soon();
      this.#report = new MergeReport();
      const { keptBoth, notDeleted, lost } = sent;
      events.emit({ kind: 'sent', keptBoth, notDeleted, lost });
    } catch (error) {
      if (signal.aborted) return;
      const isRefused = error instanceof ChangesRefused;
      this.soon(isRefused ? REFUSED_RETRY_MS : this.#retryMs);
      this.#retryMs = Math.min(LONGEST_RETRY_MS, this.#retryMs * 2);
      const refused = isRefused ? { refused: error.names } : {};
      const isTold = !(error instanceof NodeUnreachable);
      await this.#tell(isTold ? { failure: describeError(error), ...refused } : {});
      throw error;
    }
  }

  /**
   * Reads the whole data map once, so that the cache keeps it. A new entry can be anywhere in the map,
   * and a change made without a network needs the nodes on the path to it (A-5 §4).
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

  /** Tells the screens the number of pending changes, and the state of sending if it changed. */
  async #tell(how?: Partial<Omit<PendingChanges, 'changes'>>): Promise<void> {
    const { queue, home, events } = this.#deps;
    const changes = await queue.node.pending(home.owner);
    const before = this.#told;
    const isMore = changes > before.changes;
    if (changes === before.changes && how === undefined) return;
    // New pending changes do not change why the earlier ones were not sent.
    const { changes: _, ...known } = before;
    const now = { isSending: false, ...(how ?? (changes === 0 ? {} : known)), changes };
    if (changes === 0 && before.changes === 0) return;
    this.#told = now;
    events.emit({ kind: 'pending', ...now });
    if (isMore && this.#running === undefined) this.soon();
  }
}
