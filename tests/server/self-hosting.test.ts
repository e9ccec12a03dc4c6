/**
 * `docs/self-hosting.md`, followed word for word in an empty folder: every command of the page about
 * the node is given as it stands there, in the page's order, but for the places, names and numbers a
 * reader puts in for those of the page. A command that is added to the page has no step here and
 * fails; so does a setting that is missing in its table.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
import { sign } from '#lib/crypto/index.ts';
import { createPerson } from '../../src/cli/testing.ts';
import { OPTIONS } from '../../src/server/settings/options.ts';
import { main } from '../../src/server/main.ts';
import { PASSWORD, put, read, signInAt, signUpAt, type Client } from './client.ts';
import { temporaryFolder } from './temp-nodes.ts';
import { endProcess, startNodeProcess } from './processes.ts';
import { freeUdpPort } from './udp-port.ts';

const PAGE = readFileSync(new URL('../../docs/self-hosting.md', import.meta.url), 'utf8');
const NODE = 'npm run -s node -- ';
const CLI = 'npm run -s pyrgos -- ';
const FILE = new Uint8Array(100_000).fill(7);

/** Every command of the page, continued lines joined: of its blocks, then of its tables. */
function commandsOf(page: string): string[] {
  const blocks = [...page.matchAll(/^```[^\n]*\n(.*?)^```/gmsu)].map(([, text = '']) => text);
  const lines = blocks.flatMap((text) => text.replaceAll(/ \\\n\s+/gu, ' ').split('\n'));
  const cells = [...page.matchAll(/^\| `(npm run [^`]+)`/gmu)].map(([, text = '']) => text);
  return [...lines, ...cells].filter((line) => line.includes(NODE) || line.includes(CLI));
}

/** Needs stores elsewhere: tests/engines. */
const isElsewhere = (command: string): boolean => /s3:\/\/|postgres:\/\//u.test(command);

test('every command of the page does what it says', { timeout: 240_000 }, async () => {
  const folder = temporaryFolder();
  const data = join(folder, 'data');
  const reader = new Reader(folder);
  const { give, follow, say } = reader;

  expect(await follow('--data /srv/pyrgos --check')).toContain('data');
  let node = await reader.start('--data /srv/pyrgos');
  const link = await follow('tokens add --data DIR');
  expect(link.startsWith(`${node.url}/#`)).toBe(true);
  const alice = await signUpAt(node.url, 'alice', tokenIn(link));
  await put(alice, 'file', FILE);
  await signUpAt(node.url, 'bob', tokenIn(await follow('tokens add 100GiB --data DIR')));
  await signUpAt(node.url, 'olga', tokenIn(await follow('tokens add operator --data DIR')));
  await give(['tokens', 'add', '--data', data]);
  const listed = (await follow('tokens list --data DIR')).split('\n');
  const id = listed.find((line) => !line.includes('operator'))?.split(' ')[0] ?? '';
  await follow('tokens remove ID --data DIR', { ID: id });
  expect(await give(['tokens', 'list', '--data', data])).not.toContain(id);
  expect(await follow('users --data DIR')).toMatch(/^bob .* of 100 GiB(?:,.*)?$/mu);
  await follow('quota NAME 100GiB --data DIR', { NAME: 'alice' });
  expect(await give(['users', '--data', data])).toMatch(/^alice .* of 100 GiB(?:,.*)?$/mu);
  await askForSpace(alice, 200 * 2 ** 30);
  expect(await follow('requests --data DIR')).toMatch(/alice.*200 GiB/u);
  await follow('requests approve NAME --data DIR', { NAME: 'alice' });
  expect(await give(['users', '--data', data])).toMatch(/^alice .* of 200 GiB(?:,.*)?$/mu);
  await write(alice, 'Is there anybody?');
  const [, message = ''] = /#(\d+) .*from alice\n {4}Is there/u.exec(
    await follow('messages --data DIR'),
  )!;
  await follow('messages reply NAME 7 "…" --data DIR', { NAME: 'alice', '7': message });
  await follow('collect --data DIR');
  await follow('backup /var/backups/pyrgos-1.tar --data /srv/pyrgos');
  await reader.stop();

  // Others reach it through a proxy alone, which is not here.
  const named =
    '--data /srv/pyrgos --public-host drive.example.org --trust-proxy 127.0.0.1 --tls-only';
  expect(await follow(named, {}, ['--check'])).toContain('drive.example.org only over https');

  const open = '--p2p-port 4001 --p2p-announce /dns4/drive.example.org/tcp/4001';
  const told = await follow(`--data /srv/pyrgos ${open}`, { '4001': '0' }, ['--check']);
  expect(told).toContain('Other nodes are told /dns4/drive.example.org/tcp/4001.');

  const udpPort = String(await freeUdpPort());
  await reader.start('--data /srv/pyrgos --webrtc-port 4001', { '4001': udpPort });
  const ways = await follow('address --data /srv/pyrgos --webrtc-port 4001', { '4001': udpPort });
  expect(ways).toContain('#node=/ip4/');
  await reader.stop();

  const before = await give(['id', '--data', data]);
  expect(await follow('rotate-id --data /srv/pyrgos')).toContain(`The id was ${before} and is`);
  expect(await give(['id', '--data', data])).not.toBe(before);

  await follow('restore /var/backups/pyrgos-1.tar --data /srv/pyrgos-restored');
  node = await reader.start('--data /srv/pyrgos-restored');
  expect(await read(await signInAt(node.url, 'alice'), 'file')).toEqual(FILE);
  await say(`export --node https://old.example.org --user alice ./alice`, node.url);
  await reader.stop();
  reader.dataFolder = join(folder, 'another');
  await say('import --node dir:/srv/pyrgos ./alice', node.url);
  node = await reader.start('--data /srv/pyrgos');
  expect(await read(await signInAt(node.url, 'alice'), 'file')).toEqual(FILE);
  await reader.stop();
  await move(reader, folder);
  await reader.stop();
  await shareNames(reader, folder);

  expect(commandsOf(PAGE).filter((it) => !isElsewhere(it) && !reader.done.has(it))).toEqual([]);
});

/** From the restored node to one more, which has invited alice, and knows the old one. */
async function move(reader: Reader, folder: string): Promise<void> {
  const { follow, give, say } = reader;
  const old = await startNodeProcess(['--data', join(folder, 'restored')]);
  onTestFinished(() => endProcess(old, 'SIGKILL'));
  reader.dataFolder = join(folder, 'restored');
  const id = await follow('id --data /srv/pyrgos');
  reader.dataFolder = join(folder, 'next');
  const peer = { 'z5AanNVJCxn…=https://old.example.org': `${id}=${old.url}` };
  const next = await reader.start(
    '--data /srv/pyrgos --peer z5AanNVJCxn…=https://old.example.org',
    peer,
  );
  await follow('allow-migration NAME 100GiB --data DIR', { NAME: 'bob' });
  const token = tokenIn(await give(['tokens', 'add', '--data', reader.dataFolder]));
  await say(
    'move --node https://old.example.org --user alice --to https://drive.example.org --token …',
    old.url,
    { 'https://drive.example.org': next.url, '…': token },
  );
  expect(await read(await signInAt(next.url, 'alice'), 'file')).toEqual(FILE);
  await mirror(reader, folder, next.url);
  reader.dataFolder = join(folder, 'restored');
  await follow('remove-account NAME --data DIR', { NAME: 'alice' });
  expect(await give(['users', '--data', reader.dataFolder])).not.toContain('alice');
}

/** Alice, who lives at a node now, has a second one keep a copy; it knows the first. */
async function mirror(reader: Reader, folder: string, homeUrl: string): Promise<void> {
  const { give, say } = reader;
  const id = await give(['id', '--data', reader.dataFolder]);
  const data = join(folder, 'second');
  const second = await startNodeProcess(['--data', data, '--peer', `${id}=${homeUrl}`]);
  onTestFinished(() => endProcess(second, 'SIGKILL'));
  const token = tokenIn(await give(['tokens', 'add', '--data', data]));
  await say(
    'mirror --node https://drive.example.org --user alice --at https://home.example.org --token …',
    homeUrl,
    { 'https://drive.example.org': homeUrl, 'https://home.example.org': second.url, '…': token },
  );
  expect(await give(['users', '--data', data])).toContain('alice');
}

/** One node as the registry of names, and another that keeps a copy of it. */
async function shareNames(reader: Reader, folder: string): Promise<void> {
  const { follow } = reader;
  reader.dataFolder = join(folder, 'registry');
  const registry = await reader.start('--data /srv/pyrgos --registry self');
  onTestFinished(() => endProcess(registry, 'SIGKILL'));
  const said = await follow('check --data /srv/pyrgos --registry self');
  const [key = ''] = /z59\w+/u.exec(said) ?? [];
  const status = await follow('registry status --data /srv/pyrgos --registry self');
  expect(status).toContain(`Key of the registry: ${key}`);
  const forks = await follow('registry forks --data /srv/pyrgos --registry self');
  expect(forks).toBe('There are no proofs of forks.');
  await reader.start('--data /srv/other --registry https://drive.example.org --registry-key z59…', {
    'https://drive.example.org': registry.url,
    'z59…': key,
  });
  await reader.stop();
}

test('the table of settings has a row for each, and the help no other', () => {
  const table = /^\| Setting .*?\n\n/msu.exec(PAGE)?.[0] ?? '';
  const rows = [...table.matchAll(/^\| `([a-z0-9-]+)`/gmu)].map(([, name = '']) => name);
  const secrets = /^Secrets, as .*$/mu.exec(PAGE)?.[0] ?? '';
  const settings = OPTIONS.filter(({ name }) => !['config', 'help', 'version'].includes(name));
  for (const { name } of settings.filter(({ isSecret }) => isSecret === true)) {
    expect(secrets).toContain(`\`${name}\``);
  }
  const plain = settings.filter(({ isSecret }) => isSecret !== true).map(({ name }) => name);
  expect(rows.toSorted()).toEqual(plain.toSorted());
});

/** Somebody who has the page open, and a folder where the page has `/srv` and `/var/backups`. */
class Reader {
  /** Commands of the page that were given. */
  readonly done = new Set<string>();
  /** What stands for `/srv/pyrgos`. */
  dataFolder: string;
  readonly #folder: string;
  #running: Awaited<ReturnType<typeof startNodeProcess>> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
    this.dataFolder = join(folder, 'data');
    onTestFinished(() => this.stop());
  }

  /** Starts the node by a line of the page. */
  async start(text: string, own: Readonly<Record<string, string>> = {}) {
    const options = this.#words(`${NODE}${text}`, own);
    // A port that is free, and invitations as they are without any setting.
    this.#running = await startNodeProcess(options, { PYRGOS_SIGN_UPS: 'token' });
    return this.#running;
  }

  async stop(): Promise<void> {
    if (this.#running !== undefined) await endProcess(this.#running, 'SIGTERM');
    this.#running = undefined;
  }

  /** Gives a command of the page; what it said. */
  readonly follow = (
    text: string,
    own: Readonly<Record<string, string>> = {},
    more: readonly string[] = [],
  ): Promise<string> => this.give([...this.#words(`${NODE}${text}`, own), ...more]);

  /** Gives a command to the node; what it said. It must end well. */
  readonly give = async (args: readonly string[]): Promise<string> => {
    const lines: string[] = [];
    const note = (line: string): void => void lines.push(line);
    const environment = { PYRGOS_PORT: '0' };
    const code = await main(args, {
      environment,
      siteFolder: undefined,
      say: note,
      complain: note,
    });
    expect(code, lines.join('\n')).toBe(0);
    return lines.join('\n');
  };

  /** Gives a command of the page to the command line; `url` is the old node. */
  readonly say = async (
    text: string,
    url: string,
    more: Readonly<Record<string, string>> = {},
  ): Promise<void> => {
    const person = createPerson({ PYRGOS_PASSWORD: PASSWORD });
    const own = { ...more, 'https://old.example.org': url, './alice': join(this.#folder, 'alice') };
    const { exitCode, err } = await person.run(this.#words(`${CLI}${text}`, own));
    expect(exitCode, err).toBe(0);
  };

  #words(command: string, own: Readonly<Record<string, string>>): string[] {
    expect(commandsOf(PAGE)).toContain(command);
    this.done.add(command);
    const text = command.slice(command.indexOf('-- ') + 3);
    return text.split(' ').map((word) => {
      if (own[word] !== undefined) return own[word];
      return word
        .replace(/^"(.*)"$/u, '$1')
        .replace('/var/backups', this.#folder)
        .replace('/srv/pyrgos-restored', join(this.#folder, 'restored'))
        .replace('/srv/other', join(this.#folder, 'other'))
        .replace('/srv/pyrgos', this.dataFolder)
        .replace(/^DIR$/u, this.dataFolder);
    });
  }
}

function tokenIn(link: string): string {
  return /token=([0-9a-f]{64})/u.exec(link)?.[1] ?? '';
}

/** What a client that has a page for it does (B-5). */
async function askForSpace({ deps, session }: Client, bytes: number): Promise<void> {
  const { identity } = session;
  const request = encodeCbor(
    cborMap([
      ['u', 'alice'],
      ['s', bytes],
      ['t', Date.now()],
    ]),
  );
  await deps.node.space.request(identity.hash, await sign(identity, request));
}

async function write({ deps, session }: Client, text: string): Promise<void> {
  const message = encodeCbor(
    cborMap([
      ['b', text],
      ['s', Date.now()],
      ['t', 2],
      ['id', -1],
      ['d', false],
    ]),
  );
  await deps.node.messages.send('alice', await sign(session.identity, message));
}
