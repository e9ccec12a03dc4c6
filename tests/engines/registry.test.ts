/**
 * The registry of names and its mirrors with their records in PostgreSQL: every test of theirs, whose
 * stores in memory are stores in a database here.
 */
import { afterAll, afterEach, beforeAll, describe, vi } from 'vitest';
import { createPostgresRecordStore } from '#lib/stores/server/index.ts';
import type { PostgresRecordStore } from '#lib/stores/server/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import type * as stores from '#lib/stores/index.ts';
import { POSTGRES_PROGRAMS, startPostgres } from './servers.ts';
import type { PostgresServer } from './servers.ts';

vi.mock('#lib/stores/index.ts', async (original) => ({
  ...(await original<typeof stores>()),
  createMemoryStores: () => ({ records: new StoredRecords() }),
}));

/** Stores that are connected at a time; the server has 60 connections for all. */
const MAX_OPEN = 16;

let server: PostgresServer;
let schemas = 0;
/** Least recently used first. */
const open = new Map<StoredRecords, Promise<PostgresRecordStore>>();

/** Records of a schema of their own, made with the first call, as stores in memory need no opening. */
class StoredRecords implements RecordStore {
  readonly #schema = `registry_${String(++schemas)}`;
  readonly #changes = new Set<Promise<unknown>>();

  async get(...asked: Parameters<RecordStore['get']>) {
    return (await this.#settled()).get(...asked);
  }

  async list(...asked: Parameters<RecordStore['list']>) {
    return (await this.#settled()).list(...asked);
  }

  async apply(change: Parameters<RecordStore['apply']>[0]): Promise<boolean> {
    const done = this.#store().then((store) => store.apply(change));
    this.#changes.add(done);
    try {
      return await done;
    } finally {
      this.#changes.delete(done);
    }
  }

  /** What was written before is there, also where nobody waited for it: as in memory. */
  async #settled(): Promise<PostgresRecordStore> {
    await Promise.allSettled([...this.#changes]);
    return this.#store();
  }

  #store(): Promise<PostgresRecordStore> {
    const store =
      open.get(this) ??
      createPostgresRecordStore({ url: server.url, schema: this.#schema, maxConnections: 2 });
    open.delete(this);
    open.set(this, store);
    for (const [oldest] of open) {
      if (open.size <= MAX_OPEN) break;
      void close(oldest);
    }
    return store;
  }
}

async function close(records: StoredRecords): Promise<void> {
  const store = open.get(records);
  open.delete(records);
  await (await store)?.close();
}

describe.skipIf(POSTGRES_PROGRAMS === undefined)('names in PostgreSQL', async () => {
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterEach(async () => {
    await Promise.all([...open.keys()].map(close));
  });
  afterAll(() => server.stop());

  await import('../../src/lib/name-registry/mirror.test.ts');
  await import('../../src/lib/name-registry/own-registry.test.ts');
});
