/** `npm run interop` as a program: what goes to which stream, and how it ends. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setUsers } from './sets.ts';

const SCRIPT = fileURLToPath(new URL('../../scripts/interop.ts', import.meta.url));
const bob = setUsers.find(({ username }) => username === 'bob')!;
const operator = setUsers.find(({ username }) => username === 'peergos')!;
let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pyrgos-interop-'));
  writeFileSync(join(folder, 'password'), `${bob.password}\n`);
  writeFileSync(join(folder, 'operator'), operator.password);
  writeFileSync(join(folder, 'other'), 'another password');
});
afterAll(() => rmSync(folder, { recursive: true }));

function run(...args: string[]) {
  const done = spawnSync(process.execPath, [SCRIPT, ...args], { encoding: 'utf8' });
  return { code: done.status, out: done.stdout, err: done.stderr };
}

function read(set: string, username = 'bob', password = 'password') {
  return run('read', set, '--user', username, '--password-file', join(folder, password));
}

/** A copy of the set in which something is changed. */
function copyOfSet(change: (car: Buffer, description: string) => [Uint8Array, string]): string {
  const copy = mkdtempSync(join(folder, 'set-'));
  cpSync(bob.folder, copy, { recursive: true });
  const [car, description] = change(
    readFileSync(join(copy, 'blocks.car')),
    readFileSync(join(copy, 'node.json'), 'utf8'),
  );
  writeFileSync(join(copy, 'blocks.car'), car);
  writeFileSync(join(copy, 'node.json'), description);
  return copy;
}

describe('the command', () => {
  it('prints of secret links what a visitor gets, and asks for no password', () => {
    const { userPassword, name } = { userPassword: '', name: 'gone' };
    const url = 'secret/z59vuwzfFDp3YCjRzJkFvrK3Sw1SYscAE2zLvCmMw2TbNmW86NoY9zJ/7#abcdefghijkl';
    const listed = JSON.stringify([{ name, url, userPassword }]);
    const set = copyOfSet((car, description) => [
      car,
      description.replace(/"secretLinks"\s*:\s*\[\s*\]/gu, `"secretLinks":${listed}`),
    ]);
    const { code, out, err } = run('links', set);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const { secretLinks } = JSON.parse(out) as { secretLinks: unknown[] };
    const row = { name, url, userPassword, error: 'No secret link published!' };
    expect(secretLinks).toContainEqual(row);
    expect(run('links', set, '--user', 'bob').code).toBe(2);
  });

  it('prints one object a line for every path, and nothing else', () => {
    const { code, out, err } = read(bob.folder);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out.trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      bob.expected.map((row) => ({
        path: row.path,
        type: row.type,
        size: row.sizeBytes,
        sha256: row.sha256,
        mime: row.mimeType,
        modified_s: row.modifiedSeconds,
        hidden: row.isHidden,
        thumbnail_sha256: row.thumbnailSha256,
      })),
    );
  });

  it('prints what the account knows of others as one object', () => {
    const args = ['--user', 'peergos', '--password-file', join(folder, 'operator')];
    const { code, out, err } = run('social', operator.folder, ...args);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toEqual({ ...operator.social, friendFiles: {}, friendProfiles: {} });
  });

  it('says whose tree it cannot read, and prints the rest', () => {
    const args = ['--user', 'bob', '--password-file', join(folder, 'password')];
    const { code, out, err } = run('social', bob.folder, ...args);
    expect(code).toBe(1);
    expect(err).toBe('/alice: “alice” does not let you follow any more, or the account is gone.\n');
    expect(JSON.parse(out)).toMatchObject({ ...bob.social, friendFiles: { alice: [] } });
  });

  it.each([
    ['no command', []],
    ['an unknown option', ['read', 'x', '--users', 'a']],
  ])('explains itself when called with %s', (_name, args) => {
    const { code, out, err } = run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Usage: ');
  });

  it.each([
    ['Wrong user name or password.', () => read(bob.folder, 'bob', 'other')],
    ['There is no user “dave” in this set', () => read(bob.folder, 'dave')],
    ['no such file', () => read(join(folder, 'nowhere'))],
    ['ends too early', () => read(copyOfSet((car, text) => [car.subarray(0, 1000), text]))],
    ['instead of 112', () => read(copyOfSet((car, text) => [withoutLastBlock(car), text]))],
  ])('says “%s” and fails', (sentence, attempt) => {
    const { code, err } = attempt();
    expect(code).toBe(1);
    expect(err).toContain(sentence);
    expect(err).not.toContain('    at ');
  });

  it('prints what is readable beside a damaged block', () => {
    const set = copyOfSet((car, text) => {
      const at = car.length - 20;
      car[at]! ^= 1;
      return [car, text];
    });
    const { code, out, err } = read(set);
    expect(code).toBe(1);
    expect(err).toMatch(/^The content of block z\w+ was changed\./u);
    expect(out.split('\n').length).toBeGreaterThan(bob.expected.length / 2);
  });

  it('needs nothing of the description that is not needed', () => {
    const set = copyOfSet((car, text) => {
      const { users } = JSON.parse(text) as { users: Record<string, Record<string, unknown>> };
      const { pkiChain, pointers, login } = users['bob']!;
      return [car, JSON.stringify({ users: { bob: { pkiChain, pointers, login } } })];
    });
    const { code, out } = read(set);
    expect({ code, out }).toEqual({ code: 0, out: read(bob.folder).out });
  });
});

function withoutLastBlock(car: Buffer): Buffer {
  let at = 0;
  let last = 0;
  while (at < car.length) {
    last = at;
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = car[at++]!;
      length += (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    at += length;
  }
  return car.subarray(0, last);
}
