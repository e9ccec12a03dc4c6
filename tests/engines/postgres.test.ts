/** Records in a real PostgreSQL: every behaviour of a store, writers in competition, restarts. */
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createPostgresRecordStore } from '#lib/stores/server/index.ts';
import type { PostgresRecordStoreOptions } from '#lib/stores/server/index.ts';
import { createMemoryStores, StoreUnavailable } from '#lib/stores/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { describeAgreement, describeRecordStore } from '#lib/stores/testing.ts';
import { POSTGRES_PROGRAMS, startPostgres } from './servers.ts';
import type { PostgresServer } from './servers.ts';

let server: PostgresServer;
let schemas = 0;

const newSchema = () => `test_${String(++schemas)}`;
const text = (value: string | number) => new TextEncoder().encode(String(value));
const numberOf = (bytes: Uint8Array | undefined) => Number(new TextDecoder().decode(bytes));

async function openStore(schema = newSchema(), options: Partial<PostgresRecordStoreOptions> = {}) {
  const store = await createPostgresRecordStore({ url: server.url, schema, ...options });
  onTestFinished(() => store.close());
  return store;
}

async function query(sql: string) {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  return client.query(sql).finally(() => client.end());
}

describe.skipIf(POSTGRES_PROGRAMS === undefined)('PostgreSQL', () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  describeRecordStore('PostgreSQL', () => openStore());
  describeAgreement(
    'PostgreSQL',
    async () => ({
      blocks: createMemoryStores().blocks,
      records: await openStore(),
    }),
    { runs: 15 },
  );

  test('the schema is made once, however many open it at once', async () => {
    const schema = newSchema();
    const stores = await Promise.all(Array.from({ length: 6 }, () => openStore(schema)));
    await stores[0]?.apply({ writes: [{ table: 't', key: 'k', value: text('v') }] });
    for (const store of stores) expect(await store.get('t', 'k')).toEqual(text('v'));
  });

  test('competing writers lose no update', async () => {
    const schema = newSchema();
    const stores = await Promise.all([openStore(schema), openStore(schema), openStore(schema)]);
    const increments = stores.flatMap((store) => [1, 2, 3].map(() => incrementMany(store, 40)));
    await Promise.all(increments);
    expect(numberOf(await stores[0].get('t', 'count'))).toBe(9 * 40);
  });

  test('exactly one of several writers makes each absent record', async () => {
    const schema = newSchema();
    const stores = await Promise.all([openStore(schema), openStore(schema)]);
    const claims = Array.from({ length: 50 }, (_, n) =>
      [...stores, ...stores, ...stores].map((store, i) => {
        const entry = { table: 't', key: `k${String(n)}` };
        return store.apply({
          expect: [{ ...entry, value: undefined }],
          writes: [{ ...entry, value: text(i) }],
        });
      }),
    );
    for (const claim of claims) {
      expect((await Promise.all(claim)).filter(Boolean)).toHaveLength(1);
    }
  });

  test('an expectation of absence holds against a writer that would end it', async () => {
    // Each may write its own key only while the other's is absent: never both.
    const schema = newSchema();
    const stores = await Promise.all([openStore(schema), openStore(schema)]);
    for (let n = 0; n < 60; n++) {
      const keys = [`${String(n)}/a`, `${String(n)}/b`];
      const outcomes = await Promise.all(
        stores.map((store, i) =>
          store.apply({
            expect: [{ table: 't', key: keys[1 - i] ?? '', value: undefined }],
            writes: [{ table: 't', key: keys[i] ?? '', value: text('x') }],
          }),
        ),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
    }
  });

  test('sums are kept by changes of several records, also by very large ones', async () => {
    const schema = newSchema();
    const stores = await Promise.all([openStore(schema), openStore(schema), openStore(schema)]);
    const keys = Array.from({ length: 250 }, (_, i) => String(i));
    await stores[0].apply({ writes: keys.map((key) => ({ table: 'sum', key, value: text(10) })) });
    await Promise.all([
      ...stores.flatMap((store, i) => [i, i + 7].map((seed) => moveMany(store, 40, seed))),
      raiseAll(stores[1], keys, 5),
    ]);
    const records = await stores[2].list('sum', '');
    const sum = records.reduce((total, { value }) => total + numberOf(value), 0);
    expect(sum).toBe(250 * 10 + 250 * 5);
  });

  test('idle connections that break are replaced', async () => {
    const store = await openStore();
    await incrementMany(store, 1);
    await query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'pyrgos'",
    );
    await incrementMany(store, 1);
    expect(numberOf(await store.get('t', 'count'))).toBe(2);
  });

  test.each(['SIGINT', 'SIGKILL'] as const)(
    'a server that %s ended is waited for',
    async (signal) => {
      const store = await openStore();
      await store.apply({ writes: [{ table: 't', key: 'count', value: text(3) }] });
      const restarting = server.restart(signal, 700);
      await new Promise((resolve) => setTimeout(resolve, 300));
      const [value] = await Promise.all([store.get('t', 'count'), restarting]);
      expect(numberOf(value)).toBe(3);
      await incrementMany(store, 1);
      expect(numberOf(await store.get('t', 'count'))).toBe(4);
    },
  );

  test('strict changes survive a crash of the server', async () => {
    const store = await openStore();
    const writing = { isOver: false };
    let written = 0;
    const writer = (async () => {
      while (!writing.isOver) {
        const write = { table: 't', key: 'n', value: text(written + 1) };
        // The change in flight at the crash may have been made or not; that it is told suffices.
        const isMade = await store.apply({ writes: [write] }).catch(() => false);
        if (isMade) written++;
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await server.restart('SIGKILL');
    const stored = numberOf(await store.get('t', 'n'));
    writing.isOver = true;
    await writer;
    expect(written).toBeGreaterThan(0);
    expect(stored).toBeLessThanOrEqual(numberOf(await store.get('t', 'n')));
    expect(numberOf(await store.get('t', 'n'))).toBeGreaterThanOrEqual(written);
  });

  test('faults of a database are reported in sentences', async () => {
    const url = new URL(server.url);
    url.pathname = '/none';
    const open = (options: Partial<PostgresRecordStoreOptions>) =>
      createPostgresRecordStore({
        url: server.url,
        schema: 'test_words',
        deadlineMs: 300,
        ...options,
      });
    await expect(open({ url: url.href })).rejects.toThrow(/no such database/u);
    await expect(open({ url: 'postgres://x@127.0.0.1:1/x' })).rejects.toThrow(/not be reached/u);
    await expect(open({ schema: 'no"schema' })).rejects.toBeInstanceOf(RangeError);
    await query('CREATE ROLE nobody_special LOGIN');
    const stranger = new URL(server.url);
    stranger.username = 'nobody_special';
    await expect(open({ url: stranger.href })).rejects.toThrow(/does not let this user/u);
    const store = await open({});
    await query('UPDATE test_words.version SET version = 99');
    await expect(open({})).rejects.toThrow(/newer version/u);
    await store.close();
    await expect(store.get('t', 'k')).rejects.toBeInstanceOf(StoreUnavailable);
  });
});

async function incrementMany(store: RecordStore, times: number): Promise<void> {
  for (let done = 0; done < times;) {
    const value = await store.get('t', 'count');
    const next = text(value === undefined ? 1 : numberOf(value) + 1);
    const isDone = await store.apply({
      expect: [{ table: 't', key: 'count', value }],
      writes: [{ table: 't', key: 'count', value: next }],
      durability: 'relaxed',
    });
    if (isDone) done++;
  }
}

/** Moves one from a record to another, as often as said. */
async function moveMany(store: RecordStore, times: number, seed: number): Promise<void> {
  for (let done = 0; done < times;) {
    const keys = [(seed * 31 + done * 17) % 12, (seed * 7 + done * 5 + 1) % 12].map(String);
    const [from = '', to = ''] = keys;
    if (from === to) {
      done++;
      continue;
    }
    const values = await Promise.all([store.get('sum', from), store.get('sum', to)]);
    const isDone = await store.apply({
      expect: keys.map((key, i) => ({ table: 'sum', key, value: values[i] })),
      writes: keys.map((key, i) => ({
        table: 'sum',
        key,
        value: text(numberOf(values[i]) + (i === 0 ? -1 : 1)),
      })),
      durability: 'relaxed',
    });
    if (isDone) done++;
  }
}

/** Adds one to every record at once, as often as said. */
async function raiseAll(store: RecordStore, keys: readonly string[], times: number): Promise<void> {
  for (let done = 0; done < times;) {
    const records = await store.list('sum', '');
    const entries = records.map(({ key, value }) => ({ table: 'sum', key, value }));
    expect(entries).toHaveLength(keys.length);
    const isDone = await store.apply({
      expect: entries,
      writes: entries.map((entry) => ({ ...entry, value: text(numberOf(entry.value) + 1) })),
      durability: 'relaxed',
    });
    if (isDone) done++;
  }
}
