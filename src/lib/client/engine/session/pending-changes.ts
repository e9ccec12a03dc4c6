/**
 * Changes that wait on this device for a server that is away: how many they are is told, and they
 * are sent when it answers again. One tab sends at a time.
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
import type { QueueingNode } from '#lib/offline/index.ts';
import { NodeUnreachable } from '#lib/protocol/index.ts';
import { createWriterLock, Snapshot, withWriterLock } from '#lib/writers/index.ts';
import type { WaitingChanges } from '../../types.ts';
import { describeError } from '#lib/rpc/index.ts';
import type { Events } from '../events.ts';

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
  /** The other tabs of this browser are to look how much waits. */
  readonly tellTabs: () => void;
}

/** Some changes could not be sent before something that needs them there. */
export class ChangesWaiting extends PyrgosError {
  override readonly name = 'ChangesWaiting';
  override readonly kind = 'refused';
  constructor(options?: ErrorOptions) {
    super(
      'Some changes still wait on this device for the server. Please try again later.',
      options,
    );
  }
}

const FIRST_RETRY_MS = 2_000;
const LONGEST_RETRY_MS = 60_000;
/** What changes again and again does not make the server be asked each time. */
const LEAST_PAUSE_MS = 10_000;
/** What was refused is tried again when something changes, and else now and then. */
const REFUSED_RETRY_MS = 1_800_000;
/** A map of some ten thousand files; of larger ones a part is kept. */
const MAP_NODES_MAX = 8_000;

class MapTooLarge extends Error {
  override readonly name = 'MapTooLarge';
  readonly kind = 'bug';
}

export class Waiting {
  readonly #deps: WaitingDeps;
  readonly #stop = new AbortController();
  readonly #unlisten: () => void;
  #running: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryMs = FIRST_RETRY_MS;
  #triedMs = -Infinity;
  #dueMs = Infinity;
  /** What the person is to hear of when all is sent. */
  #report = new MergeReport();
  #told: WaitingChanges = { changes: 0, isSending: false };

  constructor(deps: WaitingDeps) {
    this.#deps = deps;
    this.#unlisten = deps.queue.listen(() => {
      deps.tellTabs();
      this.changedElsewhere();
    });
  }

  /** Looks whether anything waits from an earlier visit, and begins to send it. */
  async start(): Promise<void> {
    await this.#tell();
    if (this.#told.changes > 0) this.soon(0);
    else await this.#keepMap();
  }

  /** Sends what waits, a moment from now. */
  soon(delayMs = FIRST_RETRY_MS): void {
    if (this.#stop.signal.aborted) return;
    clearTimeout(this.#timer);
    this.#dueMs = performance.now() + delayMs;
    this.#timer = setTimeout(() => void this.send().catch(() => undefined), delayMs);
  }

  /** Something changed, so that what could not be sent may be sent now: not each time at once. */
  retry(): void {
    if (this.#told.changes === 0 || this.#running !== undefined) return;
    const delayMs = Math.max(0, this.#triedMs + LEAST_PAUSE_MS - performance.now());
    if (performance.now() + delayMs < this.#dueMs) this.soon(delayMs);
  }

  /** Sends what waits now. Throws what keeps it from being sent; it is tried again by itself. */
  async send(): Promise<void> {
    if (this.#running === undefined) [this.#triedMs, this.#dueMs] = [performance.now(), Infinity];
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

  /** More or fewer changes wait now, here or in another tab. */
  changedElsewhere(): void {
    this.#tell().catch(() => undefined);
  }

  /** Gives up what waits: it is lost. */
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

  /** Tells how much waits, and how it is going if that is news. */
  async #tell(how?: Partial<Omit<WaitingChanges, 'changes'>>): Promise<void> {
    const { queue, home, events } = this.#deps;
    const changes = await queue.node.pending(home.owner);
    const before = this.#told;
    const isMore = changes > before.changes;
    if (changes === before.changes && how === undefined) return;
    // More of them says nothing of why the others could not be sent.
    const { changes: _, ...known } = before;
    const now = { isSending: false, ...(how ?? (changes === 0 ? {} : known)), changes };
    if (changes === 0 && before.changes === 0) return;
    this.#told = now;
    events.emit({ kind: 'waiting', ...now });
    if (isMore && this.#running === undefined) this.soon();
  }
}
