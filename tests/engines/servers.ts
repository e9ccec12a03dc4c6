/**
 * Real servers for tests, on free ports of this machine, with their data in a folder of their own.
 * `scripts/engines.ts` finds or installs the programs, says in the environment where they are and
 * removes whatever a test did not stop.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { AwsClient } from 'aws4fetch';
import { Client } from 'pg';

/** The folder of PostgreSQL's programs, if there is one. */
export const POSTGRES_PROGRAMS = process.env['PYRGOS_POSTGRES_PROGRAMS'];
/** The program of the S3-compatible server, if there is one. */
export const S3_PROGRAM = process.env['PYRGOS_S3_PROGRAM'];

const START_MS = 30_000;
const POLL_MS = 50;

interface Server {
  /** Ends it as an operator would. */
  stop(): Promise<void>;
}

export interface PostgresServer extends Server {
  readonly url: string;
  /** `SIGKILL` is a crash. */
  restart(signal: 'SIGINT' | 'SIGKILL', downMs?: number): Promise<void>;
}

export async function startPostgres(): Promise<PostgresServer> {
  const programs = POSTGRES_PROGRAMS ?? '';
  const user = ordinaryUser();
  const folder = newFolder('postgres');
  chmodSync(folder, 0o755);
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (user !== undefined) chownSync(data, user.uid, user.gid);
  const options = { ...user, cwd: data, stdio: ['ignore', 'ignore', 'pipe'] as const };
  const made = spawnSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'pyrgos', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  if (made.status !== 0) throw new Error(`initdb: ${String(made.stderr)}`);
  const port = await freePort();
  const url = `postgres://pyrgos@127.0.0.1:${String(port)}/postgres`;
  const args = ['-D', data, '-p', String(port), '-h', '127.0.0.1'];
  const settings = ['unix_socket_directories=', 'max_connections=60', 'log_min_messages=panic'];
  const start = async () => {
    const flags = settings.flatMap((setting) => ['-c', setting]);
    const server = run(join(programs, 'postgres'), [...args, ...flags], folder, {
      ...user,
      cwd: data,
    });
    await untilReady(server, () => queryOf(url));
    return server;
  };
  let server = await start();
  return {
    url,
    stop: () => end(server, 'SIGINT'),
    restart: async (signal, downMs = 0) => {
      await end(server, signal);
      await pause(downMs);
      // What a crashed one leaves running holds on to its memory for a moment.
      for (let tries = 0; ; tries++) {
        try {
          server = await start();
          return;
        } catch (error) {
          if (tries === 20) throw error;
          await pause(4 * POLL_MS);
        }
      }
    },
  };
}

export interface S3Server extends Server {
  readonly endpoint: string;
  /** The same service; buckets are names of hosts below this, which no name server knows. */
  readonly virtualHostEndpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  makeBucket(name: string): Promise<void>;
  /** Pages of this origin may use the bucket, by the rules that docs/self-hosting.md gives. */
  allowPages(bucket: string, origin: string): Promise<void>;
}

export async function startS3(): Promise<S3Server> {
  const folder = newFolder('s3');
  const data = join(folder, 'data');
  mkdirSync(data);
  const port = String(await freePort());
  const keys = { accessKeyId: 'testkey', secretAccessKey: 'testsecret' };
  const region = 'eu-central-1';
  const address = `127.0.0.1:${port}`;
  const flags = ['--quiet', '--keep-alive', '--region', region, '--port', address];
  const server = run(
    S3_PROGRAM ?? '',
    [...flags, '--virtual-domain', `objects.test:${port}`, '--health', '/health', 'posix', data],
    folder,
    {
      env: {
        ...process.env,
        ROOT_ACCESS_KEY: keys.accessKeyId,
        ROOT_SECRET_KEY: keys.secretAccessKey,
      },
    },
  );
  const endpoint = `http://${address}`;
  await untilReady(server, async () => (await fetch(`${endpoint}/health`)).ok);
  const client = new AwsClient({ ...keys, service: 's3', region });
  return {
    endpoint,
    virtualHostEndpoint: `http://objects.test:${port}`,
    region,
    ...keys,
    stop: () => end(server, 'SIGTERM'),
    makeBucket: async (name) => {
      const answer = await client.fetch(`${endpoint}/${name}`, { method: 'PUT' });
      if (!answer.ok) throw new Error(`The bucket was not made: ${String(answer.status)}.`);
    },
    allowPages: async (bucket, origin) => {
      const body = corsRules(origin);
      const md5 = createHash('md5').update(body).digest('base64');
      const headers = { 'content-md5': md5, 'content-type': 'application/xml' };
      const init = { method: 'PUT', headers, body };
      const answer = await client.fetch(`${endpoint}/${bucket}?cors`, init);
      if (!answer.ok) throw new Error(`The rules were not taken: ${await answer.text()}.`);
    },
  };
}

/** What docs/self-hosting.md gives as JSON, in the form in which services take it. */
function corsRules(origin: string): string {
  const guide = readFileSync(new URL('../../docs/self-hosting.md', import.meta.url), 'utf8');
  const json = /```json\n(\{\s*"CORSRules".*?)```/su.exec(guide)?.[1] ?? '';
  const { CORSRules } = JSON.parse(json) as {
    CORSRules: Record<string, string | number | readonly string[]>[];
  };
  // Lists have a plural's name there, and each of their parts the singular's here.
  const rules = CORSRules.map((rule) =>
    Object.entries(rule).map(([name, value]) => {
      const tag = Array.isArray(value) ? name.slice(0, -1) : name;
      return [value].flat().map((it) => `<${tag}>${String(it)}</${tag}>`);
    }),
  );
  const xml = rules.map((rule) => `<CORSRule>${rule.flat().join('')}</CORSRule>`).join('');
  const schema = 'http://s3.amazonaws.com/doc/2006-03-01/';
  return `<CORSConfiguration xmlns="${schema}">${xml}</CORSConfiguration>`.replace(
    'https://drive.example.org',
    origin,
  );
}

/** PostgreSQL refuses to run as root; Debian's package brings a user for it. */
export function ordinaryUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8');
  const [, uid, gid] = /^(?:postgres|nobody):[^:]*:(\d+):(\d+):/m.exec(users) ?? [];
  if (uid === undefined) throw new Error('No user but root is known to this machine.');
  return { uid: Number(uid), gid: Number(gid) };
}

function newFolder(name: string): string {
  const parent = process.env['PYRGOS_ENGINES_FOLDER'];
  if (parent === undefined) throw new Error('Run these tests with: npm run test:engines');
  return mkdtempSync(join(parent, `${name}-`));
}

/** Its process id is noted where `scripts/engines.ts` looks for what was left running. */
function run(
  program: string,
  args: readonly string[],
  folder: string,
  options: { uid?: number; gid?: number; cwd?: string; env?: NodeJS.ProcessEnv },
): ChildProcess {
  const child = spawn(program, args, { ...options, stdio: 'ignore' });
  writeFileSync(join(folder, 'server.pid'), String(child.pid));
  return child;
}

async function untilReady(server: ChildProcess, isReady: () => Promise<boolean>): Promise<void> {
  let failure: unknown;
  server.once('error', (error) => (failure = error));
  const untilMs = Date.now() + START_MS;
  while (!(await isReady().catch(() => false))) {
    const isOver = server.exitCode !== null || failure !== undefined || Date.now() > untilMs;
    if (isOver) throw new Error(`${server.spawnfile} did not start.`, { cause: failure });
    await pause(POLL_MS);
  }
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill(signal);
  await ended;
}

async function queryOf(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port is free.');
  return address.port;
}
