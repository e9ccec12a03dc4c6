import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from './errors.ts';
import { createPerson, PASSWORD, signUpCheaply, type TestPerson } from './testing.ts';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe('the command line on a drive in a folder', { timeout: 120_000 }, () => {
  let alice: TestPerson;
  const local = (name: string): string => join(alice.folder, name);
  const lines = (text: string): unknown[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);

  beforeAll(async () => {
    alice = createPerson({ PYRGOS_USER: 'alice' });
    await signUpCheaply(alice, 'alice');
  }, 60_000);

  it('stores and fetches files, folders and streams as they were', async () => {
    const large = randomBytes(11_000_000);
    mkdirSync(local('tree/deep/empty'), { recursive: true });
    writeFileSync(local('tree/large.bin'), large);
    writeFileSync(local('tree/deep/hello.txt'), 'hello');
    writeFileSync(local('tree/no bytes'), '');
    expect(await alice.run(['put', 'tree'])).toMatchObject({ exitCode: 0, err: '' });
    expect(await alice.run(['get', 'tree', 'back'])).toMatchObject({ exitCode: 0, err: '' });
    expect(sha256(readFileSync(local('back/large.bin')))).toBe(sha256(large));
    expect(readFileSync(local('back/deep/hello.txt'), 'utf8')).toBe('hello');
    expect(readFileSync(local('back/no bytes'))).toHaveLength(0);
    expect(readdirSync(local('back/deep/empty'))).toEqual([]);

    const stream = randomBytes(23_000_000);
    expect(await alice.run(['put', '-', 'tree/streamed'], stream)).toMatchObject({ exitCode: 0 });
    const read = await alice.run(['get', '/alice/tree/streamed', '-']);
    expect(sha256(read.bytes)).toBe(sha256(stream));
    for (const [range, start, end] of [
      ['0-9', 0, 10],
      ['5242870-5242890', 5_242_870, 5_242_891],
      ['-5', stream.length - 5, stream.length],
      ['22999999-', 22_999_999, stream.length],
    ] as const) {
      const part = await alice.run(['cat', '--range', range, 'tree/streamed']);
      expect(Buffer.compare(part.bytes, stream.subarray(start, end))).toBe(0);
    }
  });

  it('keeps the time of a file both ways', async () => {
    writeFileSync(local('dated'), 'x');
    execFileSync('touch', ['-d', '2001-02-03T04:05:06Z', local('dated')]);
    await alice.run(['put', 'dated']);
    await alice.run(['get', 'dated', 'dated.back']);
    expect(statSync(local('dated.back')).mtime.toISOString()).toBe('2001-02-03T04:05:06.000Z');
  });

  it('lists, describes and weighs', async () => {
    await alice.run(['mkdir', '-p', 'looked/at']);
    await alice.run(['put', '-', 'looked/a.txt'], 'twelve bytes');
    const listed = await alice.run(['ls', '-R', '--json', 'looked']);
    expect(lines(listed.out)).toMatchObject([
      { path: '/alice/looked/a.txt', type: 'file', size: 12, mime: 'text/plain', hidden: false },
      { path: '/alice/looked/at', type: 'dir', size: null },
    ]);
    expect((await alice.run(['ls', 'looked'])).out).toBe('a.txt\nat/\n');
    expect(lines((await alice.run(['stat', '--json', 'looked/a.txt'])).out)).toMatchObject([
      { path: '/alice/looked/a.txt', size: 12, writable: true },
    ]);
    expect(lines((await alice.run(['du', '--json', 'looked'])).out)).toEqual([
      { path: '/alice/looked', bytes: 12, files: 1, folders: 2 },
    ]);
    const [quota] = lines((await alice.run(['quota', '--json'])).out);
    expect(quota).toMatchObject({ quota_bytes: null });
    expect((await alice.run(['ls'])).out).not.toContain('.transactions');
    expect((await alice.run(['ls', '-a'])).out).toContain('.transactions/');
  });

  it('moves, renames, copies and deletes', async () => {
    await alice.run(['mkdir', 'one', 'two']);
    await alice.run(['put', '-', 'one/a'], 'A');
    await alice.run(['put', '-', 'two/taken'], 'T');
    expect(await alice.run(['mv', 'one/a', 'one/b'])).toMatchObject({ exitCode: 0 });
    expect(await alice.run(['mv', 'one/b', 'two'])).toMatchObject({ exitCode: 0 });
    expect(await alice.run(['mv', 'two/b', 'one/taken'])).toMatchObject({ exitCode: 0 });
    expect((await alice.run(['ls', 'one', 'two'])).out).toBe(
      '/alice/one:\ntaken\n\n/alice/two:\ntaken\n\n',
    );
    expect((await alice.run(['cat', 'one/taken'])).out).toBe('A');
    expect(await alice.run(['mv', 'one/taken', 'two'])).toMatchObject({ exitCode: EXIT.exists });
    expect(await alice.run(['mv', '-f', 'one/taken', 'two'])).toMatchObject({ exitCode: 0 });
    expect((await alice.run(['cat', 'two/taken'])).out).toBe('A');
    expect(await alice.run(['cp', 'two', 'one'])).toMatchObject({ exitCode: EXIT.misused });
    expect(await alice.run(['cp', '-r', 'two', 'one'])).toMatchObject({ exitCode: 0 });
    expect((await alice.run(['cat', 'one/two/taken'])).out).toBe('A');
    expect(await alice.run(['cp', 'two/taken', 'one/other'])).toMatchObject({ exitCode: 0 });
    expect((await alice.run(['cat', 'one/other'])).out).toBe('A');
    expect(await alice.run(['cp', '-r', 'two', 'three'])).toMatchObject({ exitCode: 0 });
    expect((await alice.run(['ls', 'three'])).out).toBe('taken\n');
    expect(await alice.run(['rm', '-r', 'three'])).toMatchObject({ exitCode: 0 });
    expect(await alice.run(['rm', 'one'])).toMatchObject({ exitCode: EXIT.misused });
    expect(await alice.run(['rm', '-r', 'one', 'two'])).toMatchObject({ exitCode: 0 });
    expect(await alice.run(['ls', 'one'])).toMatchObject({ exitCode: EXIT.notFound });
    expect(await alice.run(['rm', '-f', 'one'])).toMatchObject({ exitCode: 0 });
  });

  it('overwrites nothing unasked, here or there', async () => {
    writeFileSync(local('same'), 'first');
    await alice.run(['put', 'same']);
    writeFileSync(local('same'), 'second');
    expect(await alice.run(['put', 'same'])).toMatchObject({ exitCode: EXIT.exists });
    expect(await alice.run(['get', 'same', 'same'])).toMatchObject({ exitCode: EXIT.exists });
    expect(readFileSync(local('same'), 'utf8')).toBe('second');
    expect(await alice.run(['put', '--skip', 'same'])).toMatchObject({ exitCode: 0 });
    expect((await alice.run(['cat', 'same'])).out).toBe('first');
    expect(await alice.run(['put', '-f', 'same'])).toMatchObject({ exitCode: 0 });
    expect((await alice.run(['cat', 'same'])).out).toBe('second');
    expect(await alice.run(['put', '--keep-both', 'same'])).toMatchObject({ exitCode: 0 });
    expect((await alice.run(['ls'])).out).toMatch(/^same \(/mu);
  });

  it('leaves what is moved or copied onto itself as it is', async () => {
    await alice.run(['mkdir', 'itself']);
    await alice.run(['put', '-', 'itself/a'], 'content');
    for (const command of ['mv', 'cp']) {
      for (const target of ['itself/a', 'itself', '/alice/itself/./a']) {
        expect(await alice.run([command, '-f', 'itself/a', target])).toMatchObject({
          exitCode: EXIT.misused,
        });
        expect((await alice.run(['ls', 'itself'])).out).toBe('a\n');
        expect((await alice.run(['cat', 'itself/a'])).out).toBe('content');
      }
    }
  });

  it('appends a long stream to no other file than the one it made', async () => {
    await alice.run(['put', '-', 'long'], 'kept');
    for (const choice of ['--keep-both', '--skip']) {
      expect(await alice.run(['put', choice, '-', 'long'], 'x')).toMatchObject({
        exitCode: EXIT.misused,
      });
    }
    expect(await alice.run(['put', '-', 'long'], 'x')).toMatchObject({ exitCode: EXIT.exists });
    expect((await alice.run(['cat', 'long'])).out).toBe('kept');
    expect(await alice.run(['put', '-f', '-', 'long'], 'new')).toMatchObject({ exitCode: 0 });
    expect((await alice.run(['cat', 'long'])).out).toBe('new');
  });

  it('runs the shell line by line', async () => {
    await alice.run(['mkdir', '-p', 'shell/in here']);
    const typed = 'cd "shell/in here"\npwd\nput\n\ncd ..\nls\ncd ../../..\nexit\n';
    const said = await alice.run([], typed);
    expect(said.out).toBe('/alice/shell/in here\nin here/\n');
    expect(said.err).toContain('Usage: pyrgos put');
    expect(said.exitCode).toBe(EXIT.failed); // two of the lines
  });

  it('changes the password, and says when it is wrong', async () => {
    const newPassword = 'plaster kiwi 88 orbit lemonade';
    const bob = createPerson({ PYRGOS_USER: 'bob' });
    expect(await bob.run(['signup'])).toEqual({
      exitCode: 0,
      bytes: Buffer.from('Welcome, bob.\n'),
      out: 'Welcome, bob.\n',
      err: '',
    });
    writeFileSync(join(bob.folder, 'new'), `${newPassword}\n`);
    expect(await bob.run(['passwd', '--new-password-file', 'new'])).toMatchObject({ exitCode: 0 });
    const refused = await bob.run(['ls', '--json']);
    expect(refused).toMatchObject({ exitCode: EXIT.refused, out: '' });
    expect(lines(refused.err)).toMatchObject([
      { error: { name: 'WrongPassword', exitCode: EXIT.refused } },
    ]);
    expect(await bob.run(['ls', '--password-file', 'new'])).toMatchObject({ exitCode: 0 });
  });

  it('exports an account that opens in another place with its files', async () => {
    await alice.run(['put', '-', 'kept.txt'], 'kept');
    expect(await alice.run(['export', 'taken-along'])).toMatchObject({ exitCode: 0 });
    for (const file of ['blocks.car', 'node.json']) {
      const text = readFileSync(local(`taken-along/${file}`), 'latin1');
      for (const secret of ['kept.txt', PASSWORD]) expect(text).not.toContain(secret);
    }
    const elsewhere = ['--node', `dir:${local('elsewhere')}`];
    expect(await alice.run([...elsewhere, 'import', 'taken-along'])).toMatchObject({ exitCode: 0 });
    expect((await alice.run([...elsewhere, 'cat', 'kept.txt'])).out).toBe('kept');
    const again = await alice.run([...elsewhere, '--json', 'import', 'taken-along']);
    expect(lines(again.out)).toEqual([{ username: 'alice', new: false }]);
  });

  it.each([
    [['lss'], 'Did you mean ls?'],
    [['ls', '--colour'], "Unknown option '--colour'"],
    [['mkdir'], 'Usage: pyrgos mkdir'],
    [['cat', '--range', 'x', 'kept.txt'], 'A range is written'],
    [['put', '--skip', '-f', 'same'], 'Choose one of'],
    [['ls', '--node', 'ftp://x'], 'A node is named by'],
    [['put', 'no such file'], 'There is no such file'],
    [['rm', '/'], 'the home folder itself'],
    [['get', '../..'], 'There is nothing at'],
  ])('explains %j', async (args, sentence) => {
    const said = await alice.run(args);
    expect(said.exitCode).not.toBe(0);
    expect(said.err).toContain(sentence);
    expect(said.err).not.toMatch(/\bat .*\.ts/u);
  });
});

describe('the command itself', () => {
  const bin = fileURLToPath(new URL('pyrgos.mjs', import.meta.url));

  it('says its version and its help without a node', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(execFileSync(process.execPath, [bin, '--version'], { encoding: 'utf8' })).toBe(
      `${version}\n`,
    );
    expect(execFileSync(process.execPath, [bin, 'put', '--help'], { encoding: 'utf8' })).toContain(
      'Usage: pyrgos put',
    );
  });
});
