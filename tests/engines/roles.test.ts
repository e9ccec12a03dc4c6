/**
 * Several processes as one node: a lock of PostgreSQL says which one does the regular work, two of
 * them answer other nodes under one peer id, and one asks other nodes through them.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client as Database } from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { ownIdentity } from '#lib/name-registry/index.ts';
import { contendForLock, createPostgresRecordStore } from '#lib/stores/server/index.ts';
import type { PostgresLock } from '#lib/stores/server/index.ts';
import { put, read, signInAt, signUpAt } from '../server/client.ts';
import { endProcess, startNodeProcess, type NodeProcess } from '../server/processes.ts';
import { POSTGRES_PROGRAMS, S3_PROGRAM, startPostgres, startS3 } from './servers.ts';
import type { PostgresServer, S3Server } from './servers.ts';

const BUCKET = 'pyrgos-roles';
const TAKEN_WITHIN = { timeout: 20_000, interval: 100 };

let postgres: PostgresServer;

describe.skipIf(POSTGRES_PROGRAMS === undefined)('a lock of PostgreSQL', () => {
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  let locks = 0;

  /** Contenders for a lock of their own, and which of them are at work. */
  function contenders(count: number) {
    const name = `lock ${String(++locks)}`;
    const atWork = new Set<number>();
    const lockOf = (n: number): PostgresLock =>
      contendForLock(
        { url: postgres.url, name, everyMs: 50 },
        {
          start: () => {
            atWork.add(n);
            return async () => {
              await new Promise((resolve) => setTimeout(resolve, 20));
              atWork.delete(n);
            };
          },
        },
      );
    const all = Array.from({ length: count }, (_, n) => lockOf(n));
    onTestFinished(async () => {
      await Promise.all(all.map((lock) => lock.close()));
    });
    return { all, atWork, holder: () => [...atWork][0] };
  }

  test('lets one of many work, and another one when that one ends', async () => {
    const { all, atWork, holder } = contenders(4);
    for (let left = all.length; left > 0; left--) {
      await expect.poll(() => atWork.size, TAKEN_WITHIN).toBe(1);
      const first = holder()!;
      expect(all.map((lock) => lock.isHeld).filter(Boolean)).toHaveLength(1);
      await all[first]!.close();
      expect(atWork.has(first)).toBe(false);
    }
    expect(atWork.size).toBe(0);
  });

  test('is another one’s when its holder loses the connection, which ends the work there', async () => {
    const { atWork, holder } = contenders(2);
    await expect.poll(() => atWork.size, TAKEN_WITHIN).toBe(1);
    const seen = new Set<number>();
    for (let n = 0; n < 30 && seen.size < 2; n++) {
      seen.add(holder()!);
      await query(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted",
      );
      await expect.poll(() => atWork.size, TAKEN_WITHIN).toBe(1);
    }
    expect(seen.size).toBe(2);
  });

  test('is taken again after the server was away', async () => {
    const { atWork } = contenders(2);
    await expect.poll(() => atWork.size, TAKEN_WITHIN).toBe(1);
    await postgres.restart('SIGKILL', 300);
    await expect.poll(() => atWork.size, TAKEN_WITHIN).toBe(1);
    const { rows } = await query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted");
    await expect.poll(() => rows.length, TAKEN_WITHIN).toBe(1);
  });

  async function query(sql: string) {
    const client = new Database({ connectionString: postgres.url });
    await client.connect();
    return client.query(sql).finally(() => client.end());
  }
});

describe.skipIf(S3_PROGRAM === undefined || POSTGRES_PROGRAMS === undefined)(
  'processes of one node',
  () => {
    let s3: S3Server;
    let folder: string;
    const running: NodeProcess[] = [];
    let ports: number[];

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'pyrgos-roles-'));
      [postgres, s3] = await Promise.all([startPostgres(), startS3()]);
      await s3.makeBucket(BUCKET);
      ports = await freePorts(3);
    });
    afterAll(async () => {
      await Promise.all(running.map((node) => endProcess(node, 'SIGKILL')));
      await Promise.all([postgres.stop(), s3.stop()]);
      rmSync(folder, { recursive: true, force: true });
    });

    const addressOf = (n: number): string => `/ip4/127.0.0.1/tcp/${String(ports[n])}`;

    async function start(name: string, options: readonly string[], isShared = true) {
      const blocks = `s3://${BUCKET}/blocks?endpoint=${s3.endpoint}&region=${s3.region}`;
      const shared = ['--blocks', blocks, '--records', postgres.url, '--registry', 'self'];
      const node = await startNodeProcess(
        ['--data', join(folder, name), ...(isShared ? shared : []), ...options],
        { PYRGOS_S3_ACCESS_KEY: s3.accessKeyId, PYRGOS_S3_SECRET_KEY: s3.secretAccessKey },
      );
      running.push(node);
      return node;
    }

    /** One of the two that other nodes reach. */
    const startP2p = (n: number, announced: readonly number[] = [0, 1]): Promise<NodeProcess> =>
      start(`p2p ${String(n)}`, [
        ...['--role', 'p2p', '--p2p-host', '127.0.0.1', '--p2p-port', String(ports[n])],
        ...announced.flatMap((it) => ['--p2p-announce', addressOf(it)]),
        ...(n === 1 ? ['--p2p-gateway-port', String(ports[2])] : []),
      ]);

    test('go on when one is killed in the middle of requests of another node', async () => {
      const dying = await startP2p(0);
      await expect.poll(() => workers([dying]), TAKEN_WITHIN).toEqual([0]);
      const staying = await startP2p(1);
      expect(await workers([dying, staying])).toEqual([0]);
      await signUpAt(dying.url, 'anna');
      const away = await start('away', await knowing(dying.url, addressOf(0)), false);

      const anna = await signInAt(away.url, 'anna');
      const acknowledged: string[] = [];
      let isOver = false;
      const writing = (async () => {
        for (let n = 0; !isOver; n++) {
          const name = `file ${String(n)}`;
          // What fails at the kill was not acknowledged, and is not counted.
          await put(anna, name, contentOf(name)).then(
            () => acknowledged.push(name),
            () => undefined,
          );
        }
      })();
      await expect.poll(() => acknowledged.length, TAKEN_WITHIN).toBeGreaterThan(2);
      await endProcess(dying, 'SIGKILL');
      const before = acknowledged.length;
      await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(before + 2);
      isOver = true;
      await writing;
      await expect.poll(() => workers([staying]), TAKEN_WITHIN).toHaveLength(1);

      const home = await signInAt(staying.url, 'anna');
      for (const name of acknowledged) {
        expect(await read(home, name), name).toEqual(contentOf(name));
      }
      await signUpAt(away.url, 'dora').then((dora) => put(dora, 'note', contentOf('note')));
      // A process for people only reaches the other node through the one that listens.
      const web = await start('web', [
        ...['--role', 'web', '--p2p-gateway', `http://127.0.0.1:${String(ports[2])}`],
      ]);
      expect(await workers([web])).toEqual([]);
      expect(await read(await signInAt(web.url, 'anna'), acknowledged[0]!)).toEqual(
        contentOf(acknowledged[0]!),
      );
      expect(await read(await signInAt(web.url, 'dora'), 'note')).toEqual(contentOf('note'));
    }, 240_000);

    test('do not start where other nodes would not learn of all of them', async () => {
      // The one that stayed tells two.
      await expect(startP2p(0, [0])).rejects.toThrow(/did not start/u);
      const role = (words: string): Promise<unknown> =>
        start('wrong', ['--role', ...words.split(' ')], false);
      await expect(role('web')).rejects.toThrow(/did not start/u);
    }, 60_000);

    /** The options of a node that mirrors the names and knows this address of the pair. */
    async function knowing(url: string, address: string): Promise<string[]> {
      const { ID } = (await (await fetch(`${url}/api/v0/id`, { method: 'POST' })).json()) as {
        ID: string;
      };
      const records = await createPostgresRecordStore({ url: postgres.url });
      const key = await ownIdentity(records).finally(() => records.close());
      return [
        ...['--peer', `${ID}=${address}`, '--p2p-host', '127.0.0.1', '--p2p-port', '0'],
        ...['--p2p-private', '--registry', ID, '--registry-key', key?.toString() ?? ''],
      ];
    }
  },
);

/** Places of those that say they do the regular work. */
async function workers(nodes: readonly NodeProcess[]): Promise<number[]> {
  const texts = await Promise.all(
    nodes.map(async ({ url }) => (await fetch(`${url}/metrics`)).text()),
  );
  return texts.flatMap((text, n) => (/^pyrgos_duties 1$/mu.test(text) ? [n] : []));
}

function contentOf(name: string): Uint8Array {
  return Uint8Array.from({ length: 30_000 }, (_, i) => (i * 7 + name.length + i / 251) % 251);
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(
    servers.map(async (server) => {
      server.close();
      await once(server, 'close');
    }),
  );
  return ports;
}
