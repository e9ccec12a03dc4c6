/** What this machine remembers of accounts on servers, and how each command that signs in uses it. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { startNode, type TestNode } from '../../tests/server/temp-nodes.ts';
import { knownStateOf, signUp } from '#lib/account/index.ts';
import { cheapAlgorithm } from '#lib/account/testing.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import { algorithmToCbor, startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { createPointerMemory } from '#lib/writers/index.ts';
import { EXIT } from './errors.ts';
import { KnownAccounts } from './known-accounts.ts';
import { hasTerminals, KEY, Terminal } from './shell/testing.ts';
import { createPerson, PASSWORD, type TestPerson } from './testing.ts';

const OTHER_PASSWORD = 'plaster kiwi 88 orbit lemonade';

beforeAll(() => startCrypto());

/** Makes an account at a server, as cheap to open as a reader accepts. */
async function signUpAt(url: string, username = 'alice') {
  const deps = {
    node: createHttpNode(url),
    random: systemRandom,
    clock: () => Date.now(),
    pointerMemory: createPointerMemory(),
  };
  return signUp(deps, { username, password: PASSWORD, algorithm: cheapAlgorithm() });
}

/** What signs in on a way of its own, besides `ls` and its like. */
const OTHERS: readonly (readonly [name: string, args: (elsewhere: string) => string[]])[] = [
  ['passwd', () => ['passwd', '--new-password', OTHER_PASSWORD]],
  ['export', () => ['export', 'exported']],
  ['move', (elsewhere) => ['move', '--to', elsewhere]],
];

describe('what this machine remembers of accounts', { timeout: 120_000 }, () => {
  let [alice, first, elsewhere] = [] as unknown as [TestPerson, TestNode, TestNode];
  const local = (name: string): string => join(alice.folder, name);
  const memory = (): Record<string, string> => {
    const folder = local('state/pyrgos');
    const names = existsSync(folder) ? readdirSync(folder) : [];
    const kept = names.filter((name) => name.startsWith('account-'));
    return Object.fromEntries(kept.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  };
  const memoryOf = (url: string): string | undefined =>
    memory()[`account-${encodeURIComponent(`alice@${new URL(url).origin}`)}`];
  const written = (session: Parameters<typeof knownStateOf>[0]): string => {
    const { identity, algorithm } = knownStateOf(session);
    return `${identity}\n${Buffer.from(algorithm).toString('hex')}\n`;
  };
  /** Another server takes the address of the first, as one that was taken over would answer. */
  const takeOver = async () => {
    await first.close();
    const hostile = await startNode({ port: Number(new URL(first.url).port) });
    expect(hostile.url).toBe(first.url);
    return { session: await signUpAt(hostile.url), hostile };
  };
  const logins = ({ logged }: TestNode): number =>
    logged.filter((line) => line.includes('login/getLogin')).length;

  beforeEach(async () => {
    [first, elsewhere] = [await startNode(), await startNode()];
    alice = createPerson({ PYRGOS_USER: 'alice', PYRGOS_NODE: first.url });
  });

  /** This machine remembers another identity under the name. */
  const rememberAnother = async (): Promise<void> => {
    const { identity } = knownStateOf(await signUpAt(elsewhere.url, 'bob'));
    const known = {
      identity,
      algorithm: encodeCbor(algorithmToCbor(cheapAlgorithm(systemRandom))),
    };
    await new KnownAccounts({ XDG_STATE_HOME: local('state') }).keep(first.url, 'alice', known);
  };

  it('is written down at the first use of an account, readable for nobody else', async () => {
    const session = await signUpAt(first.url);
    expect(await alice.run(['ls'])).toMatchObject({ exitCode: 0, err: '' });
    expect(memoryOf(first.url)).toBe(written(session));
    for (const file of Object.keys(memory())) {
      expect(statSync(local(`state/pyrgos/${file}`)).mode & 0o777).toBe(0o600);
    }
    expect(await alice.run(['ls'])).toMatchObject({ exitCode: 0, err: '' });
    expect(memoryOf(first.url)).toBe(written(session));
  });

  it('names another identity before anything is sent, and goes no further unasked', async () => {
    await signUpAt(first.url);
    await alice.run(['ls']);
    const before = memory();
    const { hostile } = await takeOver();
    const said = await alice.run(['ls']);
    expect(said.exitCode).toBe(EXIT.refused);
    expect(said.err).toContain('Another identity is shown for alice');
    expect(said.err).toContain('--accept-change');
    const asJson = await alice.run(['--json', 'ls']);
    expect(JSON.parse(asJson.err)).toMatchObject({
      error: { name: 'IdentityReplaced', exitCode: EXIT.refused },
    });
    for (const answer of ['no', '', 'y']) {
      const asked = await alice.run(['ls'], `${answer}\n`, { onTerminal: true });
      expect(asked.err).toContain('Sign in anyway?');
      expect(asked.exitCode).toBe(EXIT.refused);
    }
    expect(logins(hostile)).toBe(0);
    expect(memory()).toEqual(before);
  });

  it.each([
    ['is agreed to on a terminal', [], 'yes\n'],
    ['is accepted on the command line', ['--accept-change'], ''],
  ])('is what another identity that %s makes of it', async (_, options, typed) => {
    await signUpAt(first.url);
    await alice.run(['ls']);
    const { session, hostile } = await takeOver();
    const said = await alice.run([...options, 'ls'], typed, { onTerminal: typed !== '' });
    expect(said.exitCode).toBe(0);
    expect(said.err.includes('Another identity is shown for alice')).toBe(typed !== '');
    expect(logins(hostile)).toBeGreaterThan(0);
    expect(memoryOf(first.url)).toBe(written(session));
    expect(await alice.run(['ls'])).toMatchObject({ exitCode: 0, err: '' });
  });

  it('is not moved when the new place shows another identity at the end', async () => {
    await signUpAt(first.url);
    await alice.run(['put', '-', 'kept.txt'], 'kept');
    const before = memory();
    const hostile = await startNode();
    await signUpAt(hostile.url);
    const turncoat = await startTurncoat(elsewhere, hostile, 'block/put');
    const said = await alice.run(['--json', 'move', '--to', turncoat.url]);
    expect(turncoat.hasTurned()).toBe(true);
    expect(JSON.parse(said.err)).toMatchObject({
      error: { name: 'IdentityReplaced', exitCode: EXIT.refused },
    });
    expect(logins(hostile)).toBe(0);
    expect(memory()).toEqual(before);
    // The old place is the account's home still.
    expect(await alice.run(['cat', 'kept.txt'])).toMatchObject({ exitCode: 0, out: 'kept' });
    await alice.run(['put', '-', 'later.txt'], 'later');
  });

  it('asks about a password that was changed elsewhere', async () => {
    await signUpAt(first.url);
    await alice.run(['ls']);
    const before = memory();
    const laptop = createPerson({ PYRGOS_USER: 'alice', PYRGOS_NODE: first.url });
    await laptop.run(['passwd', '--new-password', OTHER_PASSWORD]);
    const args = ['--password', OTHER_PASSWORD, 'ls'];
    const sent = logins(first);
    const refused = await alice.run(['--json', ...args]);
    expect(JSON.parse(refused.err)).toMatchObject({ error: { name: 'PasswordReplaced' } });
    expect(await alice.run(args, 'no\n', { onTerminal: true })).toMatchObject({
      exitCode: EXIT.refused,
    });
    expect(logins(first)).toBe(sent);
    expect(memory()).toEqual(before);
    const said = await alice.run(args, 'yes\n', { onTerminal: true });
    expect(said.err).toContain('The password of alice was changed since');
    expect(said.exitCode).toBe(0);
    expect(memory()).not.toEqual(before);
    expect(await alice.run(args)).toMatchObject({ exitCode: 0, err: '' });
  });

  it('names a weaker protection of the password as that', async () => {
    const session = await signUpAt(first.url);
    const stronger = encodeCbor(algorithmToCbor({ ...cheapAlgorithm(systemRandom), m: 18 }));
    await new KnownAccounts({ XDG_STATE_HOME: local('state') }).keep(first.url, 'alice', {
      ...knownStateOf(session),
      algorithm: stronger,
    });
    const said = await alice.run(['--json', 'ls']);
    expect(JSON.parse(said.err)).toMatchObject({ error: { name: 'PasswordWeakened' } });
    expect(logins(first)).toBe(0);
    expect((await alice.run(['ls'], 'yes\n', { onTerminal: true })).exitCode).toBe(0);
    expect(memoryOf(first.url)).toBe(written(session));
  });

  it.each(OTHERS)('is what %s asks about, too, and writes down', async (name, argsOf) => {
    const session = await signUpAt(first.url);
    await rememberAnother();
    const before = memory();
    const args = argsOf(elsewhere.url);
    const refused = await alice.run(['--json', ...args]);
    expect(refused.exitCode).toBe(EXIT.refused);
    expect(JSON.parse(refused.err)).toMatchObject({ error: { name: 'IdentityReplaced' } });
    const no = await alice.run(args, 'no\n', { onTerminal: true });
    expect(no.err).toContain('Sign in anyway?');
    expect(no.exitCode).toBe(EXIT.refused);
    expect(logins(first)).toBe(0);
    expect(memory()).toEqual(before);
    expect(existsSync(local('exported'))).toBe(false);

    expect((await alice.run(args, 'yes\n', { onTerminal: true })).exitCode).toBe(0);
    const { identity } = knownStateOf(session);
    expect(memoryOf(first.url)?.split('\n')[0]).toBe(identity);
    expect(memoryOf(elsewhere.url)).toBe(name === 'move' ? memoryOf(first.url) : undefined);
    if (name === 'move') return;
    const password = name === 'passwd' ? ['--password', OTHER_PASSWORD] : [];
    expect(await alice.run([...password, 'ls'])).toMatchObject({ exitCode: 0, err: '' });
  });

  it.runIf(hasTerminals)('is what the shell asks about on a real terminal', async () => {
    await signUpAt(first.url);
    await rememberAnother();
    const env = { PATH: process.env['PATH'], HOME: alice.folder, XDG_STATE_HOME: local('state') };
    const options = { cwd: alice.folder, env: { ...env, PYRGOS_PASSWORD: PASSWORD } };
    const terminal = new Terminal(['--node', first.url, '--user', 'alice'], options);
    onTestFinished(() => terminal.close());
    await terminal.until('Sign in anyway?');
    await terminal.type('yes', KEY.enter);
    await terminal.until('/alice › ');
    await terminal.type(KEY.ctrlD);
    expect(await terminal.ended()).toBe(0);
  });

  it('asks about files that show another identity than the server they go back to', async () => {
    await signUpAt(first.url);
    await alice.run(['ls']);
    await signUpAt(elsewhere.url);
    await alice.run(['--node', elsewhere.url, 'export', 'files']);
    await first.close();
    const empty = await startNode({ port: Number(new URL(first.url).port) });
    const refused = await alice.run(['--json', 'import', 'files']);
    expect(JSON.parse(refused.err)).toMatchObject({ error: { name: 'IdentityReplaced' } });
    expect(await alice.run(['--no-state', 'ls'])).toMatchObject({ exitCode: EXIT.refused });
    const said = await alice.run(['import', 'files'], 'yes\n', { onTerminal: true });
    expect(said).toMatchObject({ exitCode: 0, out: 'alice is here now.\n' });
    expect(memoryOf(empty.url)).toBe(memoryOf(elsewhere.url));
  });

  it('confirms a move only at the server that took the account', async () => {
    await signUpAt(first.url);
    const here = ['--node', `dir:${local('drive')}`];
    await alice.run(['export', 'files']);
    await alice.run([...here, 'import', 'files']);
    await alice.run([...here, 'move', '--to', elsewhere.url]);
    expect(memoryOf(elsewhere.url)).toBe(memoryOf(first.url));
    await elsewhere.close();
    const hostile = await startNode({ port: Number(new URL(elsewhere.url).port) });
    await signUpAt(hostile.url);
    const said = await alice.run([...here, '--json', 'move', '--to', hostile.url, '--confirm']);
    expect(JSON.parse(said.err)).toMatchObject({ error: { name: 'IdentityReplaced' } });
    expect(logins(hostile)).toBe(0);
  });

  it('forgets nothing and keeps nothing with --no-state, and so asks nothing', async () => {
    await signUpAt(first.url);
    expect(await alice.run(['--no-state', 'ls'])).toMatchObject({ exitCode: 0 });
    expect(memory()).toEqual({});
    await alice.run(['ls']);
    const before = memory();
    await takeOver();
    expect(await alice.run(['--no-state', 'ls'])).toMatchObject({ exitCode: 0, err: '' });
    expect(memory()).toEqual(before);
  });

  it.each(['', 'cut', 'cut\nyz'])('trusts no memory that holds “%s”', async (content) => {
    const session = await signUpAt(first.url);
    await alice.run(['ls']);
    for (const file of Object.keys(memory())) writeFileSync(local(`state/pyrgos/${file}`), content);
    const said = await alice.run(['ls']);
    expect(said.exitCode).toBe(EXIT.refused);
    expect(said.err).toContain('What this machine remembers of alice is damaged');
    expect(logins(first)).toBe(1);
    expect(said.err).toContain('--accept-change');
    expect(await alice.run(['--accept-change', 'ls'])).toMatchObject({ exitCode: 0, err: '' });
    expect(memoryOf(first.url)).toBe(written(session));
  });
});

/**
 * An address at which one server answers until the account was brought to it and a name is asked
 * for; from then on another one does.
 */
async function startTurncoat(honest: TestNode, hostile: TestNode, brought: string) {
  let [hasBrought, hasTurned] = [false, false];
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    hasBrought ||= path.includes(brought);
    hasTurned ||= hasBrought && path.includes('core/getPublicKey');
    const target = new URL((hasTurned ? hostile : honest).url);
    const headers = { ...request.headers, host: target.host };
    const { method } = request;
    const onward = send({ host: target.hostname, port: target.port, path, method, headers });
    onward.once('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    onward.once('error', () => response.destroy());
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${String(port)}`, hasTurned: () => hasTurned };
}
