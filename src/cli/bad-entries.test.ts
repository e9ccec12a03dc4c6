/** Folders in which one entry is of no use to the other side: the rest is stored and fetched. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from './errors.ts';
import { createPerson, signUpCheaply, type TestPerson } from './testing.ts';

describe('one bad entry among others', { timeout: 180_000 }, () => {
  let alice: TestPerson;
  const local = (name: string): string => join(alice.folder, name);
  const warnings = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, { path?: string; reason?: string }>)
      .flatMap(({ warning }) => warning ?? []);
  const LONG = `${'漢'.repeat(250)}.txt`;

  beforeAll(async () => {
    alice = createPerson({ PYRGOS_USER: 'alice' });
    await signUpCheaply(alice, 'alice');
    mkdirSync(local('long/below'), { recursive: true });
    writeFileSync(local('long/below/one.txt'), 'one');
    await alice.run(['put', 'long']);
    await alice.run(['put', '-', `long/${LONG}`], 'long');
    await alice.run(['put', '-', 'long/CON'], 'device');

    mkdirSync(local('mixed/inner'), { recursive: true });
    writeFileSync(local('mixed/inner/file'), 'x');
    writeFileSync(local('mixed/Icon\r'), 'icon');
    execFileSync('mkfifo', [local('mixed/pipe')]);
    symlinkSync('nowhere', local('mixed/dangling'));
    symlinkSync('..', local('mixed/inner/round'));
    writeFileSync(Buffer.concat([Buffer.from(local('mixed/')), Buffer.of(0x62, 0xff)]), 'latin');
  }, 120_000);

  it('put stores the rest, names each with its whole path, and says that it is partial', async () => {
    const said = await alice.run(['--json', 'put', 'mixed']);
    expect(said.exitCode).toBe(EXIT.partial);
    const told = warnings(said.err);
    expect(told.map(({ path }) => path).sort()).toEqual(
      ['Icon\r', 'b\ufffd', 'dangling', 'inner/round', 'pipe'].map((name) =>
        local(`mixed/${name}`),
      ),
    );
    expect(told.find(({ path }) => path?.endsWith('dangling'))?.reason).toBe('ENOENT');
    expect(said.err).toContain('"name":"Incomplete"');
    expect((await alice.run(['ls', '-R', 'mixed'])).out).toContain('inner/\n\n');
    expect((await alice.run(['cat', 'mixed/inner/file'])).out).toBe('x');
    const text = await alice.run(['put', '--skip', 'mixed']);
    expect(text.err).toContain(`${local('mixed/dangling')} was not stored: There is no such file`);
    expect(text.err).toContain('Icon\\u000d was not stored');
    expect(text.err).toContain('5 entries were not stored; everything else was.');
  });

  it('put --skip-bad succeeds, and still names them', async () => {
    const said = await alice.run(['put', '--skip', '--skip-bad', 'mixed']);
    expect(said.exitCode).toBe(0);
    expect(said.err.trim().split('\n')).toHaveLength(5);
  });

  it('put --map-names stores also what has a bad name, under one that it tells', async () => {
    const said = await alice.run(['put', '--skip', '--map-names', 'mixed']);
    expect(said.exitCode).toBe(EXIT.partial); // the pipe and the links
    expect(said.err).toContain('Icon\\u000d is called Icon_ in the drive.');
    expect((await alice.run(['cat', 'mixed/Icon_'])).out).toBe('icon');
    expect((await alice.run(['cat', 'mixed/b\ufffd'])).out).toBe('latin');
  });

  it('get fetches the rest, names the bad one with its whole path, and is partial', async () => {
    const said = await alice.run(['--json', 'get', 'long', 'fetched']);
    expect(said.exitCode).toBe(EXIT.partial);
    expect(warnings(said.err)).toMatchObject([
      { path: `/alice/long/${LONG}`, reason: 'BadFileName' },
    ]);
    expect(readFileSync(local('fetched/below/one.txt'), 'utf8')).toBe('one');
    expect(readdirSync(local('fetched')).sort()).toEqual(['CON', 'below']);
    const again = await alice.run(['get', '--skip-bad', 'long', 'fetched2']);
    expect(again.exitCode).toBe(0);
    expect(again.err).toContain('The name is too long');
    const alone = await alice.run(['get', `long/${LONG}`]);
    expect(alone.exitCode).toBe(EXIT.misused);
  });

  it('get --map-names finds a name that fits and keeps the extension', async () => {
    const said = await alice.run(['get', '--map-names', 'long', 'mapped']);
    expect(said.exitCode).toBe(0);
    expect(said.err).toContain('is called');
    const short = `${'漢'.repeat(83)}.txt`;
    expect(readFileSync(local(`mapped/${short}`), 'utf8')).toBe('long');
    expect(readdirSync(local('mapped')).sort()).toEqual(['CON', 'below', short]);
  });

  it('get replaces no link unasked, and writes through none', async () => {
    symlinkSync('/nonexistent', local('dangling'));
    await alice.run(['put', '-', 'a.txt'], 'a');
    const said = await alice.run(['get', 'a.txt', 'dangling']);
    expect(said.exitCode).toBe(EXIT.exists);
    expect(readlinkSync(local('dangling'))).toBe('/nonexistent');
    writeFileSync(local('target'), 'target');
    symlinkSync('target', local('to-file'));
    expect(await alice.run(['get', '-f', 'a.txt', 'to-file'])).toMatchObject({ exitCode: 0 });
    expect(lstatSync(local('to-file')).isFile()).toBe(true);
    expect(readFileSync(local('target'), 'utf8')).toBe('target');

    mkdirSync(local('outside'));
    mkdirSync(local('linked/long'), { recursive: true });
    symlinkSync(local('outside'), local('linked/long/below'));
    const led = await alice.run(['get', '-f', 'long', 'linked']);
    expect(led.exitCode).toBe(EXIT.misused);
    expect(led.err).toContain('is a link, but is to become a folder');
    expect(readdirSync(local('outside'))).toEqual([]);
    // A link that is named as the place to write to is followed.
    symlinkSync(local('outside'), local('place'));
    expect(await alice.run(['get', 'a.txt', 'place'])).toMatchObject({ exitCode: 0 });
    expect(readdirSync(local('outside'))).toEqual(['a.txt']);
  });

  it('export replaces no link unasked', async () => {
    mkdirSync(local('export'));
    symlinkSync('/nonexistent', local('export/node.json'));
    expect(await alice.run(['export', 'export'])).toMatchObject({ exitCode: EXIT.exists });
    expect(existsSync(local('export/blocks.car'))).toBe(false);
    expect(await alice.run(['export', '-f', 'export'])).toMatchObject({ exitCode: 0 });
    expect(lstatSync(local('export/node.json')).isFile()).toBe(true);
  });

  it.each([
    ['before 1970', '1960-01-02T03:04:05.250Z'],
    ['just before 1970', '1969-12-31T23:59:59.500Z'],
    ['before 1980', '1975-06-07T08:09:10.125Z'],
    ['after 2038', '2055-06-07T08:09:10.750Z'],
    ['after 2107', '2222-03-04T05:06:07.000Z'],
  ])('a time %s goes to the drive and back', async (name, time) => {
    writeFileSync(local(name), 'x');
    execFileSync('touch', ['-d', time, local(name)]);
    await alice.run(['put', name]);
    const stat = JSON.parse((await alice.run(['--json', 'stat', name])).out) as object;
    expect(Object.values(stat)).toContain(Date.parse(time));
    expect(await alice.run(['get', name, `${name} back`])).toMatchObject({ exitCode: 0, err: '' });
    expect(statSync(local(`${name} back`)).mtime.toISOString()).toBe(time);
  });

  it('keeps the fractions of a second that the disk has', async () => {
    writeFileSync(local('fine'), 'x');
    execFileSync('touch', ['-d', '2024-01-02T03:04:05.123456789Z', local('fine')]);
    await alice.run(['put', 'fine']);
    await alice.run(['get', 'fine', 'fine back']);
    const { mtimeNs } = statSync(local('fine back'), { bigint: true });
    expect(mtimeNs / 1000n).toBe(1_704_164_645_123_456n);
  });
});
