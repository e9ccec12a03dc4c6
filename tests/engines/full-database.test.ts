/** PostgreSQL whose disk is really full: records can still be changed and removed, and then added. */
import { chownSync } from 'node:fs';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgresRecordStore } from '#lib/stores/server/index.ts';
import { StoreFull } from '#lib/stores/index.ts';
import { mountSmallDisk } from '../server/small-disk.ts';
import { ordinaryUser, POSTGRES_PROGRAMS, startPostgres } from './servers.ts';
import type { PostgresServer } from './servers.ts';

const disk = POSTGRES_PROGRAMS === undefined ? undefined : mountSmallDisk(40);
const value = new Uint8Array(20_000);
const keyOf = (n: number) => ({ table: 't', key: String(n).padStart(6, '0') });

describe.skipIf(disk === undefined)('PostgreSQL on a full disk', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
    const user = ordinaryUser();
    if (user !== undefined) chownSync(disk?.folder ?? '', user.uid, user.gid);
    const client = new Client({ connectionString: server.url });
    await client.connect();
    await client.query(`CREATE TABLESPACE small LOCATION '${disk?.folder ?? ''}'`);
    await client.query('CREATE DATABASE small TABLESPACE small');
    await client.end();
  });
  afterAll(async () => {
    await server.stop();
    disk?.remove();
  });

  test('changes and removes records in the room it kept, and takes new ones then', async () => {
    const url = server.url.replace(/postgres$/u, 'small');
    const store = await createPostgresRecordStore({ url });
    const fill = async (from: number): Promise<number> => {
      for (let n = from; ; n++) {
        try {
          expect(await store.apply({ writes: [{ ...keyOf(n), value }] })).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(StoreFull);
          return n;
        }
      }
    };
    // Nothing but records uses the room that is kept, so only another program can fill all else.
    for (let n = 0; n < 100; n++) await store.apply({ writes: [{ ...keyOf(n), value }] });
    disk?.fill();
    for (let n = 0; n < 40; n++) {
      await store.apply({ writes: [{ ...keyOf(n), value: Uint8Array.of(n) }] });
    }
    const writes = Array.from({ length: 60 }, (_, n) => ({ ...keyOf(40 + n), value: undefined }));
    expect(await store.apply({ expect: [{ ...keyOf(99), value }], writes })).toBe(true);
    expect(await store.list('t', '')).toHaveLength(40);
    expect(await store.get('t', keyOf(7).key)).toEqual(Uint8Array.of(7));
    const end = await fill(1000);
    expect(end).toBeGreaterThan(1040); // what was removed, and the room that was kept
    expect(await store.list('t', '')).toHaveLength(40 + end - 1000);
    await store.close();
  });
});
