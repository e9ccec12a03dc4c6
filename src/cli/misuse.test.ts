/** What a stranger does wrong: each time a sentence that names it, and the exit code of the table. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from './errors.ts';
import { createPerson, PASSWORD, signUpCheaply, type TestPerson } from './testing.ts';

const BIN = fileURLToPath(new URL('pyrgos.mjs', import.meta.url));

describe('misuse', { timeout: 120_000 }, () => {
  let alice: TestPerson;
  const local = (name: string): string => join(alice.folder, name);
  const stranger = createServer((_request, response) => response.end('<html>hello'));
  let strangerUrl = '';

  beforeAll(async () => {
    alice = createPerson({ PYRGOS_USER: 'alice' });
    await signUpCheaply(alice, 'alice');
    mkdirSync(local('tree/deep'), { recursive: true });
    writeFileSync(local('tree/a'), 'a');
    writeFileSync(local('tree/deep/b'), 'b');
    await alice.run(['put', 'tree']);
    stranger.listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    strangerUrl = `http://127.0.0.1:${(stranger.address() as AddressInfo).port}`;
  }, 60_000);
  afterAll(() => void stranger.close());

  it.each<[string, number, string[], string]>([
    ['an unknown command', EXIT.misused, ['frobnicate'], 'There is no command “frobnicate”'],
    ['an option without its value', EXIT.misused, ['ls', '--node'], 'argument missing'],
    ['a path on a server', EXIT.misused, ['ls', '-n', 'https://x.test/a'], 'Only the address'],
    ['dir: of nothing', EXIT.misused, ['ls', '-n', 'dir:'], 'wants the path of a folder'],
    ['dir: of a file', EXIT.misused, ['ls', '-n', 'dir:tree/a'], 'is a file, not a folder'],
    ['dir: of no drive', EXIT.notFound, ['ls', '-n', 'dir:tree'], 'There is no drive in'],
    [
      'a port nobody listens at',
      EXIT.unreachable,
      ['ls', '-n', 'http://127.0.0.1:1'],
      '127.0.0.1:1',
    ],
    ['an unknown user', EXIT.refused, ['ls', '-u', 'bob'], 'no account with this name'],
    ['a wrong password', EXIT.refused, ['ls', '--password', 'x'], 'Wrong user name or password'],
    ['no such password file', EXIT.notFound, ['ls', '--password-file', 'none'], '/none'],
    ['a control character', EXIT.misused, ['mkdir', 'a\u001b[31mb'], 'control characters'],
    ['a folder as a file', EXIT.notFound, ['cat', 'tree'], 'is not a file'],
    [
      'a range beyond the end',
      EXIT.misused,
      ['cat', '--range', `${'9'.repeat(31)}-`, 'tree/a'],
      '1 bytes',
    ],
    ['a range backwards', EXIT.misused, ['cat', '--range', '5-3', 'tree/a'], 'ends before'],
    ['- to -', EXIT.misused, ['put', '-', '-'], 'put - PATH'],
    ['- among others', EXIT.misused, ['put', 'tree/a', '-', 'x'], 'put - PATH'],
    ['get of -', EXIT.misused, ['get', '-', '-'], './-'],
    ['nothing to store', EXIT.misused, ['put', ''], 'A path is empty'],
    ['two of one name', EXIT.misused, ['put', 'tree/a', './tree/a', 'tree'], 'would be called a'],
    ['two to one place', EXIT.misused, ['get', 'tree/a', '/tree/a', '.'], 'would be written to'],
    ['no such local folder', EXIT.notFound, ['get', 'tree/a', 'no/b'], 'no to write into'],
    ['no folder at a slash', EXIT.notFound, ['get', 'tree/a', 'no/'], 'There is no folder'],
    ['a folder over a file', EXIT.misused, ['get', 'tree', 'tree/a'], 'is no folder'],
    ['a copy onto another', EXIT.exists, ['cp', 'tree/a', 'tree/deep/b'], '--keep-both'],
    ['a tree over itself', EXIT.exists, ['put', 'tree'], '--force, --keep-both or --skip'],
    [
      'two under one name',
      EXIT.notFound,
      ['mv', 'tree/a', 'tree/deep', 'tree/deep/b'],
      'not a folder',
    ],
    ['two into a file', EXIT.notFound, ['put', 'tree/a', 'tree/deep/b', 'tree/a'], 'not a folder'],
    ['a move to nowhere', EXIT.misused, ['move'], 'Give --to'],
    ['no archive', EXIT.notFound, ['import', 'tree'], 'node.json'],
    ['operands too many', EXIT.misused, ['quota', 'x'], 'Usage: pyrgos quota'],
  ])('%s', async (_name, exitCode, args, sentence) => {
    const said = await alice.run(args);
    expect(said.err).toContain(sentence);
    expect(said.exitCode).toBe(exitCode);
    // eslint-disable-next-line no-control-regex -- nothing but lines
    expect(said.err).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/u);
    const json = await alice.run(['--json', ...args]);
    expect(JSON.parse(json.err)).toMatchObject({ error: { exitCode } });
  });

  it('says when a server is no node', async () => {
    const said = await alice.run(['ls', '--node', strangerUrl]);
    expect(said.err).toContain('Is this the address of a node?');
    expect(said.exitCode).toBe(EXIT.unreachable);
  });

  it('makes no drive where there was none', async () => {
    await alice.run(['ls', '--node', 'dir:new']);
    expect(existsSync(local('new'))).toBe(false);
  });

  it('fetches nothing of a folder of which something is there', async () => {
    mkdirSync(local('half/deep'), { recursive: true });
    writeFileSync(local('half/deep/b'), 'mine');
    mkdirSync(local('into'));
    const said = await alice.run(['get', 'tree', 'half']);
    expect(said.exitCode).toBe(0); // into the folder that is there
    expect(await alice.run(['get', 'tree', 'half'])).toMatchObject({ exitCode: EXIT.exists });
    writeFileSync(local('half/tree/deep/b'), 'mine');
    execFileSync('rm', [local('half/tree/a')]);
    expect(await alice.run(['get', 'tree', 'half'])).toMatchObject({ exitCode: EXIT.exists });
    expect(readdirSync(local('half/tree'))).toEqual(['deep']);
    expect(await alice.run(['get', '-f', 'tree', 'half'])).toMatchObject({ exitCode: 0 });
    expect(readFileSync(local('half/tree/deep/b'), 'utf8')).toBe('b');
  });

  it('refuses what was named and is neither a file nor a folder', async () => {
    execFileSync('mkfifo', [local('pipe')]);
    const said = await alice.run(['put', 'pipe']);
    expect(said.err).toContain('neither a file nor a folder');
    expect(said.exitCode).toBe(EXIT.misused);
    symlinkSync('nowhere', local('leads nowhere'));
    expect(await alice.run(['put', 'leads nowhere'])).toMatchObject({ exitCode: EXIT.notFound });
  });

  it('follows links, and keeps names with quotes, blanks and other scripts', async () => {
    mkdirSync(local('names'));
    for (const name of ['it\'s "so"', ' lead', 'ναός', '-f', 'a\\b', '🏛']) {
      writeFileSync(local(`names/${name}`), name);
    }
    symlinkSync('ναός', local('names/link'));
    expect(await alice.run(['put', 'names'])).toMatchObject({ exitCode: 0 });
    expect(await alice.run(['get', 'names', 'names.back'])).toMatchObject({ exitCode: 0 });
    const names = readdirSync(local('names')).sort();
    expect(readdirSync(local('names.back')).sort()).toEqual(names);
    expect(readFileSync(local('names.back/link'), 'utf8')).toBe('ναός');
    expect((await alice.run(['cat', '--', 'names/-f'])).out).toBe('-f');
  });

  it('fetches a name as long as the disk allows', async () => {
    const name = 'x'.repeat(255);
    writeFileSync(local(name), 'long');
    await alice.run(['put', name]);
    expect(await alice.run(['get', name, 'tree'])).toMatchObject({ exitCode: 0 });
    expect(readFileSync(local(`tree/${name}`), 'utf8')).toBe('long');
  });

  it('keeps the fraction of a second of a file’s time', async () => {
    const before = statSync(local('tree/a')).mtimeMs;
    await alice.run(['get', 'tree/a', 'timed']);
    expect(statSync(local('timed')).mtimeMs).toBeCloseTo(before, 1);
  });

  describe('of the process', () => {
    const env = () => ({
      ...process.env,
      PYRGOS_NODE: `dir:${local('drive')}`,
      PYRGOS_USER: 'alice',
      PYRGOS_PASSWORD: PASSWORD,
    });
    const shell = (script: string) =>
      spawnSync('bash', ['-c', script], {
        cwd: alice.folder,
        env: { ...env(), PYRGOS: `${process.execPath} ${BIN}` },
        encoding: 'utf8',
      });

    it('is quiet when the reader of its output has enough', async () => {
      writeFileSync(local('long'), 'line\n'.repeat(2_000_000));
      await alice.run(['put', 'long']);
      const done = shell('$PYRGOS cat long | head -n 1; echo "${PIPESTATUS[0]}"');
      expect(done.stdout).toBe(`line\n${EXIT.readerGone}\n`);
      expect(done.stderr).toBe('');
      expect(shell('$PYRGOS ls | true; exit "${PIPESTATUS[0]}"').stderr).toBe('');
    });

    it('says when its output cannot be written', () => {
      const done = shell('$PYRGOS cat tree/a > /dev/full');
      expect(done.stderr).toBe('pyrgos: The disk is full. Make room on it and try again.\n');
      expect(done.status).toBe(EXIT.noRoom);
    });

    it('leaves no half file when it is interrupted', async () => {
      const child = spawn(process.execPath, [BIN, 'get', 'long', 'fetched'], {
        cwd: alice.folder,
        env: env(),
      });
      const part = () => readdirSync(alice.folder).find((name) => name.endsWith('.part'));
      while (part() === undefined && child.exitCode === null) {
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      child.kill('SIGINT');
      const [exitCode] = (await once(child, 'exit')) as [number];
      expect(part()).toBeUndefined();
      expect(existsSync(local('fetched'))).toBe(exitCode === EXIT.done);
      expect([EXIT.done, EXIT.interrupted]).toContain(exitCode);
    });

    it.runIf(process.getuid?.() === 0)('names a file that may not be read', () => {
      writeFileSync(local('mine'), 'x');
      chmodSync(local('mine'), 0o600);
      mkdirSync(local('state'), { recursive: true });
      execFileSync('chown', ['-R', '65534', local('drive'), local('state')]);
      chmodSync(alice.folder, 0o755);
      const state = `XDG_STATE_HOME=${local('state')}`;
      const done = shell(`${state} setpriv --reuid 65534 --clear-groups $PYRGOS put mine`);
      expect(done.stderr).toContain(`This may not be read or written: ${local('mine')}`);
      expect(done.status).toBe(EXIT.refused);
    });
  });
});
