import * as reference from 'fake-indexeddb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as ours from './index.ts';

interface Kind {
  readonly factory: () => IDBFactory;
  readonly range: typeof IDBKeyRange;
}
const OURS: Kind = {
  factory: () => new ours.IDBFactory() as unknown as IDBFactory,
  range: ours.IDBKeyRange as unknown as typeof IDBKeyRange,
};
const REFERENCE: Kind = {
  factory: () => new reference.IDBFactory() as unknown as IDBFactory,
  range: reference.IDBKeyRange as unknown as typeof IDBKeyRange,
};

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = (event) => {
      event.preventDefault();
      reject(request.error ?? new Error('no reason'));
    };
  });
}

function ended(transaction: IDBTransaction): Promise<string> {
  return new Promise((resolve) => {
    transaction.oncomplete = () => resolve('complete');
    transaction.onabort = () => resolve(`abort ${transaction.error?.name ?? ''}`);
  });
}

function open(
  factory: IDBFactory,
  upgrade: (database: IDBDatabase, transaction: IDBTransaction) => void,
  version = 1,
): Promise<IDBDatabase> {
  const request = factory.open('test', version);
  request.onupgradeneeded = () => upgrade(request.result, request.transaction!);
  return done(request);
}

/** What an attempt gives: a value, or the name of the error. */
async function outcome(work: () => unknown): Promise<unknown> {
  try {
    return await work();
  } catch (error) {
    return `failed: ${(error as Error).name}`;
  }
}

async function walk<C extends IDBCursor>(
  request: IDBRequest<C | null>,
  step: (cursor: C) => void = (cursor) => cursor.continue(),
): Promise<unknown[]> {
  const seen: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    request.onsuccess = () => {
      const cursor = request.result;
      if (cursor === null) {
        resolve();
        return;
      }
      seen.push([cursor.key, cursor.primaryKey, (cursor as { value?: unknown }).value]);
      try {
        step(cursor);
      } catch (error) {
        reject(error as Error);
      }
    };
    request.onerror = () => reject(request.error ?? new Error());
  });
  return seen;
}

/** The same story on both, told by what each step gave. */
async function tell({ factory: make, range }: Kind, story: Story): Promise<unknown[]> {
  const told: unknown[] = [];
  const factory = make();
  const database = await open(factory, (db) => {
    const plain = db.createObjectStore('plain');
    plain.createIndex('tags', 'tags', { multiEntry: true });
    const counted = db.createObjectStore('counted', { keyPath: 'a.id', autoIncrement: true });
    counted.createIndex('name', 'name');
    counted.createIndex('once', 'once', { unique: true });
    counted.createIndex('both', ['name', 'once']);
  });
  await story({
    factory,
    database,
    range,
    tell: async (work) => void told.push(await outcome(work)),
  });
  return told;
}
interface Told {
  readonly factory: IDBFactory;
  readonly database: IDBDatabase;
  readonly range: typeof IDBKeyRange;
  readonly tell: (work: () => unknown) => Promise<void>;
}
type Story = (told: Told) => Promise<void>;

const KEYS = [3, -1, 0, 'b', 'a', '', new Date(5), [1, 'a'], [1], [], new Uint8Array([1, 2])];
const NO_KEYS = [null, undefined, {}, NaN, true, [undefined], new Date(NaN)];

const STORIES: Readonly<Record<string, Story>> = {
  'keys of every kind, in their order': async ({ database, tell }) => {
    const store = (): IDBObjectStore =>
      database.transaction('plain', 'readwrite').objectStore('plain');
    for (const key of KEYS) await tell(() => done(store().put({ tags: [key, key] }, key)));
    for (const key of NO_KEYS) await tell(() => done(store().put(1, key as never)));
    await tell(() => done(store().getAllKeys()));
    await tell(() => done(store().index('tags').getAllKeys()));
    await tell(() => done(store().add(1, 3)));
    for (const key of KEYS) await tell(() => done(store().get(key)));
  },
  'generated keys': async ({ database, tell }) => {
    const store = (): IDBObjectStore =>
      database.transaction('counted', 'readwrite').objectStore('counted');
    await tell(() => done(store().add({})));
    await tell(() => done(store().add({ a: { id: 7.5 } })));
    await tell(() => done(store().add({ a: {} })));
    await tell(() => done(store().add({ a: 1 })));
    await tell(() => done(store().add({ a: { id: 'text' } })));
    await tell(() => done(store().add({}, 4)));
    await tell(() => done(store().getAll()));
    await tell(() => done(store().clear()));
    await tell(() => done(store().add({})));
  },
  'ranges, counts and limits': async ({ database, range, tell }) => {
    const store = (): IDBObjectStore =>
      database.transaction('plain', 'readwrite').objectStore('plain');
    for (let i = 0; i < 10; i++) await done(store().put({ i }, i));
    const ranges = [
      () => range.only(3),
      () => range.bound(2, 5),
      () => range.bound(2, 5, true, true),
      () => range.lowerBound(7, true),
      () => range.upperBound(2),
      () => range.bound(5, 2),
      () => range.bound(2, 2, true),
    ];
    for (const make of ranges) {
      await tell(() => done(store().getAll(make())));
      await tell(() => done(store().getAllKeys(make(), 2)));
      await tell(() => done(store().count(make())));
      await tell(() => done(store().getKey(make())));
      await tell(() => walk(store().openCursor(make(), 'prev')));
      await tell(() => make().includes(4));
    }
    await tell(() => done(store().delete(range.bound(3, 6))));
    await tell(() => done(store().getAllKeys()));
    await tell(() => done(store().get(undefined as never)));
  },
  'cursors in four directions, with steps': async ({ database, tell }) => {
    const store = (): IDBObjectStore =>
      database.transaction('counted', 'readwrite').objectStore('counted');
    for (const name of ['b', 'a', 'b', 'c', 'a']) await done(store().add({ name }));
    for (const which of ['next', 'nextunique', 'prev', 'prevunique'] as const) {
      await tell(() => walk(store().index('name').openCursor(null, which)));
      await tell(() => walk(store().index('name').openKeyCursor('b', which)));
    }
    await tell(() => walk(store().openCursor(), (cursor) => cursor.advance(2)));
    await tell(() => walk(store().index('name').openCursor(), (cursor) => cursor.continue('c')));
    await tell(() => walk(store().openCursor(), (cursor) => cursor.continue(0)));
    await tell(() =>
      walk(store().index('name').openCursor(), (cursor) => cursor.continuePrimaryKey('b', 3)),
    );
    await tell(() =>
      walk(store().openCursor(), (cursor) => {
        if (cursor.key === 2) cursor.delete();
        else cursor.update({ ...(cursor.value as object), seen: true });
        cursor.continue();
      }),
    );
    await tell(() => done(store().getAll()));
    await tell(() => walk(store().openCursor(), (cursor) => void cursor.update({ a: { id: 99 } })));
  },
  'unique indexes, and transactions that are taken back': async ({ database, tell }) => {
    const begin = (): IDBTransaction => database.transaction('counted', 'readwrite');
    await tell(() => done(begin().objectStore('counted').add({ once: 1, name: 'x' })));
    await tell(() => done(begin().objectStore('counted').add({ once: 1 })));
    await tell(() =>
      done(
        begin()
          .objectStore('counted')
          .put({ once: 1, a: { id: 1 } }),
      ),
    );
    await tell(() => {
      const transaction = begin();
      transaction.objectStore('counted').add({ once: 2 });
      transaction.objectStore('counted').add({ once: 2 });
      return ended(transaction);
    });
    await tell(() => {
      const transaction = begin();
      transaction.objectStore('counted').clear().onsuccess = () => transaction.abort();
      return ended(transaction);
    });
    await tell(() => done(begin().objectStore('counted').getAll()));
    await tell(() => done(begin().objectStore('counted').index('both').getAllKeys()));
    await tell(() => done(database.transaction('counted').objectStore('counted').add({})));
    await tell(() => database.transaction('other'));
    await tell(() => database.transaction([]));
    await tell(() => begin().objectStore('plain'));
  },
  'a transaction that has ended, and one that is awaited': async ({ database, tell }) => {
    const transaction = database.transaction('plain', 'readwrite');
    const store = transaction.objectStore('plain');
    await tell(() => done(store.put('a', 1)));
    await tell(() => done(store.put('b', 2)));
    await tell(() => ended(transaction));
    await tell(() => store.get(1));
    await tell(() => transaction.abort());
    await tell(() => transaction.objectStore('plain'));
  },
  'values are copies': async ({ database, tell }) => {
    const store = (): IDBObjectStore =>
      database.transaction('plain', 'readwrite').objectStore('plain');
    const value = { list: [1] };
    const stored = store().put(value, 1);
    value.list.push(2);
    await tell(() => done(stored));
    const read = (await done(store().get(1))) as typeof value;
    read.list.push(3);
    await tell(() => done(store().get(1)));
    await tell(() => done(store().put(() => 1, 2)));
  },
  'versions, upgrades and deletion': async ({ factory, database, tell }) => {
    database.onversionchange = () => database.close();
    await tell(() =>
      open(
        factory,
        (db, transaction) => {
          db.deleteObjectStore('plain');
          const store = transaction.objectStore('counted');
          store.deleteIndex('once');
          store.name = 'renamed';
          store.index('name').name = 'title';
          db.createObjectStore('made', { keyPath: ['a', 'b'] });
        },
        2,
      ).then((db) => {
        const names = [
          ...db.objectStoreNames,
          ...db.transaction('renamed').objectStore('renamed').indexNames,
        ];
        db.onversionchange = () => db.close();
        return names;
      }),
    );
    await tell(() => open(factory, () => undefined, 1));
    await tell(() => open(factory, (_db, transaction) => transaction.abort(), 3));
    await tell(async () => {
      const db = await done(factory.open('test'));
      const found = [db.version, ...db.objectStoreNames];
      db.close();
      return found;
    });
    await tell(() => factory.open('test', 0));
    await tell(() => factory.databases());
    await tell(() => done(factory.deleteDatabase('test')));
    await tell(() => factory.databases());
    await tell(() => factory.cmp([1, 'a'], [1, 'b']));
    await tell(() => factory.cmp({}, 1));
  },
  'an index over records that break it': async ({ factory, database, tell }) => {
    const store = database.transaction('plain', 'readwrite').objectStore('plain');
    await done(store.put({ n: 1 }, 1));
    await done(store.put({ n: 1 }, 2));
    database.close();
    await tell(() =>
      open(
        factory,
        (_db, transaction) =>
          void transaction.objectStore('plain').createIndex('n', 'n', { unique: true }),
        2,
      ),
    );
    await tell(async () => (await done(factory.open('test'))).version);
  },
};

describe('databases in memory', () => {
  it.each(Object.entries(STORIES))('%s are as in the reference', async (_name, story) => {
    const told = await tell(OURS, story);
    expect(told.length).toBeGreaterThan(0);
    expect(told).toEqual(await tell(REFERENCE, story));
  });

  it('refuse a direction that is none', async () => {
    const database = await open(OURS.factory(), (db) => void db.createObjectStore('plain'));
    const store = database.transaction('plain').objectStore('plain');
    expect(() => store.openCursor(null, 'other' as never)).toThrow(TypeError);
  });

  it('compare any two keys as the reference does', () => {
    const key = fc.letrec((tie) => ({
      key: fc.oneof(
        { maxDepth: 2 },
        fc.double(),
        fc.string(),
        fc.date(),
        fc.uint8Array({ minLength: 1, maxLength: 3 }),
        fc.array(tie('key'), { maxLength: 3 }),
      ),
    })).key;
    const [a, b] = [OURS.factory(), REFERENCE.factory()];
    const compared = (factory: IDBFactory, x: unknown, y: unknown): unknown => {
      try {
        return factory.cmp(x, y);
      } catch (error) {
        return (error as Error).name;
      }
    };
    fc.assert(
      fc.property(key, key, (x, y) => {
        expect(compared(a, x, y)).toBe(compared(b, x, y));
      }),
    );
  });
});
