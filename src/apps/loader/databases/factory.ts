/** `indexedDB`: databases by their names, and who has them open. */
import { IDBDatabase } from './database.ts';
import { compareKeys, toKey } from './keys.ts';
import type { DatabaseData } from './records.ts';
import { IDBOpenDBRequest, IDBVersionChangeEvent } from './request.ts';
import { Queue, setTask } from './transaction.ts';

interface Known {
  readonly data: DatabaseData;
  readonly queue: Queue;
  readonly open: Set<IDBDatabase>;
  /** Opening and deleting, one after the other. */
  last: Promise<void>;
  wake: () => void;
}

export class IDBFactory {
  readonly #known = new Map<string, Known>();

  open(name: string, version?: number): IDBOpenDBRequest {
    if (version !== undefined && !(Number.isFinite(version) && version >= 1)) {
      throw new TypeError('A version begins with 1.');
    }
    const request = new IDBOpenDBRequest();
    const known = this.#database(String(name));
    known.last = known.last.then(() =>
      this.#open(known, request, version === undefined ? undefined : Math.floor(version)),
    );
    return request;
  }

  deleteDatabase(name: string): IDBOpenDBRequest {
    const request = new IDBOpenDBRequest();
    const known = this.#database(String(name));
    known.last = known.last.then(async () => {
      await task();
      const oldVersion = known.data.version;
      await this.#waitForOthers(known, request, null);
      known.data.version = 0;
      known.data.stores = new Map();
      request.finish(undefined);
      request.say(new IDBVersionChangeEvent('success', { oldVersion, newVersion: null }));
    });
    return request;
  }

  async databases(): Promise<{ name: string; version: number }[]> {
    return [...this.#known.values()]
      .filter(({ data }) => data.version > 0)
      .map(({ data: { name, version } }) => ({ name, version }));
  }

  cmp(a: unknown, b: unknown): number {
    return compareKeys(toKey(a), toKey(b));
  }

  #database(name: string): Known {
    const known = this.#known.get(name) ?? {
      data: { name, version: 0, stores: new Map() },
      queue: new Queue(),
      open: new Set<IDBDatabase>(),
      last: Promise.resolve(),
      wake: () => undefined,
    };
    this.#known.set(name, known);
    return known;
  }

  async #open(known: Known, request: IDBOpenDBRequest, version?: number): Promise<void> {
    await task();
    const { data } = known;
    const wanted = version ?? Math.max(1, data.version);
    if (wanted < data.version) {
      request.finish(undefined, new DOMException('There is a newer version.', 'VersionError'));
      request.say(new Event('error', { bubbles: true, cancelable: true }));
      return;
    }
    if (wanted > data.version) await this.#waitForOthers(known, request, wanted);
    const database: IDBDatabase = new IDBDatabase(data, known.queue, () => {
      known.open.delete(database);
      known.wake();
    });
    known.open.add(database);
    if (wanted > data.version && !(await this.#upgrade(database, request, wanted))) {
      database.close();
      request.finish(undefined, new DOMException('The upgrade was aborted.', 'AbortError'));
      request.transaction = null;
      request.say(new Event('error', { bubbles: true, cancelable: true }));
      return;
    }
    request.transaction = null;
    request.finish(database);
    request.say(new Event('success'));
  }

  /** Runs the upgrade to its end; false if it was aborted. */
  #upgrade(database: IDBDatabase, request: IDBOpenDBRequest, newVersion: number): Promise<boolean> {
    const { data } = database;
    const oldVersion = data.version;
    return new Promise((resolve) => {
      const upgrade = database.run(data.stores, 'versionchange', (isCommitted) => {
        database.upgrade = undefined;
        // After its own last event.
        setTask(() => resolve(isCommitted && !database.isClosed));
      });
      database.upgrade = upgrade;
      data.version = newVersion;
      upgrade.onUndo(() => (data.version = oldVersion));
      // Its first job: the event may ask for more.
      const first = new IDBOpenDBRequest();
      upgrade.add(first, () => {
        request.finish(database);
        request.transaction = upgrade;
        request.say(new IDBVersionChangeEvent('upgradeneeded', { oldVersion, newVersion }));
      });
    });
  }

  /** Connections of before are asked to close, and waited for. */
  async #waitForOthers(
    known: Known,
    request: IDBOpenDBRequest,
    newVersion: number | null,
  ): Promise<void> {
    const versions = { oldVersion: known.data.version, newVersion };
    for (const database of [...known.open]) {
      if (!database.isClosed) database.say(new IDBVersionChangeEvent('versionchange', versions));
    }
    if (known.open.size > 0) request.say(new IDBVersionChangeEvent('blocked', versions));
    while (known.open.size > 0) {
      await new Promise<void>((resolve) => (known.wake = resolve));
    }
  }
}

function task(): Promise<void> {
  return new Promise(setTask);
}
