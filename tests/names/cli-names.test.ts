/** Every name through the commands: stored and fetched, of files and of folders, copied, moved, mapped. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sameName } from '#lib/bytes/index.ts';
import { createPerson, signUpCheaply, type TestPerson } from '../../src/cli/testing.ts';
import { expected, GOOD, sample, sorted, textOf } from './stored-names.ts';

/** What this disk takes as they are, and what is too long for it. */
const SHORT = GOOD.filter((name) => Buffer.byteLength(name) <= 255);
const LONG = sample(
  GOOD.filter((name) => Buffer.byteLength(name) > 255),
  2,
);
const FEW = sample(SHORT, 12);
/** Those that look the same as another one, and some that do not: each operand is looked up. */
const SEVERAL = SHORT.filter(
  (name, i) => i % 12 === 0 || SHORT.some((other) => other !== name && sameName(other, name)),
);

let alice: TestPerson;
const at = (...names: string[]): string => join(alice.folder, ...names);
const done = { exitCode: 0, err: '' };

function filesIn(folder: string): ReadonlyMap<string, string> {
  const names = sorted(readdirSync(folder));
  return new Map(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
}

beforeAll(async () => {
  alice = createPerson({ PYRGOS_USER: 'alice' });
  await signUpCheaply(alice, 'alice');
  mkdirSync(at('tree/names'), { recursive: true });
  for (const name of SHORT) {
    writeFileSync(at('tree/names', name), textOf(name));
    mkdirSync(at('tree/folders', name), { recursive: true });
  }
  for (const name of FEW) writeFileSync(at('tree/folders', name, name), textOf(name));
  expect(await alice.run(['put', 'tree'])).toMatchObject(done);
}, 60_000);

describe('hostile names on the command line', { timeout: 60_000 }, () => {
  it('of files and of folders come back as they went, and need no mapping for it', async () => {
    expect(await alice.run(['get', '--map-names', 'tree', 'back'])).toMatchObject(done);
    expect(filesIn(at('back/names'))).toEqual(expected(SHORT));
    expect(sorted(readdirSync(at('back/folders')))).toEqual(sorted(SHORT));
    for (const name of FEW) expect(filesIn(at('back/folders', name))).toEqual(expected([name]));
  });

  it('are copied with their folder, and moved one beside the other', async () => {
    const to = (names: readonly string[], from: string) => names.map((name) => `${from}/${name}`);
    await alice.run(['mkdir', 'copied', 'moved']);
    const copied = await alice.run(['cp', ...to(SEVERAL, 'tree/names'), 'copied']);
    expect(copied).toMatchObject(done);
    expect(await alice.run(['mv', ...to(SEVERAL, 'copied'), 'moved'])).toMatchObject(done);
    expect(await alice.run(['get', 'moved', 'moved'])).toMatchObject(done);
    expect(filesIn(at('moved'))).toEqual(expected(SEVERAL));
    expect((await alice.run(['ls', '-a', 'copied'])).out).toBe('');
  });

  it('of folders are copied, with what has them below', async () => {
    const folders = FEW.map((name) => `tree/folders/${name}`);
    await alice.run(['mkdir', 'folders']);
    expect(await alice.run(['cp', '-r', ...folders, 'folders/'])).toMatchObject(done);
    expect(await alice.run(['get', 'folders', 'folders'])).toMatchObject(done);
    for (const name of FEW) expect(filesIn(at('folders', name))).toEqual(expected([name]));
  });

  it('are given one after the other in the shell, quoted as it quotes them', async () => {
    const quoted = (name: string): string => `'${name.replaceAll("'", String.raw`'\''`)}'`;
    const names = sample(SHORT, 12);
    const lines = ['mkdir chain', 'cd chain', 'mkdir ./first'];
    let before = './first';
    for (const name of names) {
      lines.push(`mv ${quoted(before)} ${quoted(`./${name}`)}`);
      before = `./${name}`;
    }
    const said = await alice.run([], `${lines.join('\n')}\n`);
    expect(said).toMatchObject(done);
    const listed = await alice.run(['--json', 'ls', '-a', 'chain']);
    const rows = listed.out.trim().split('\n');
    expect(rows.map((row) => (JSON.parse(row) as { path: string }).path)).toEqual([
      `/alice/chain/${before.slice(2)}`,
    ]);
  });

  it('that the disk does not take are fetched under names that it does, and told', async () => {
    expect(LONG.length).toBeGreaterThan(1);
    await alice.run(['mkdir', 'long']);
    for (const name of LONG) {
      const put = ['put', '-', `long/${name}`];
      expect(await alice.run(put, textOf(name))).toMatchObject(done);
    }
    const refused = await alice.run(['get', 'long', 'refused']);
    expect(refused.exitCode).toBe(9);
    expect(refused.err.match(/The name is too long/gu)).toHaveLength(LONG.length);
    expect(readdirSync(at('refused'))).toEqual([]);
    const said = await alice.run(['get', '--map-names', 'long', 'mapped']);
    expect(said.exitCode).toBe(0);
    expect(said.err.match(/ is called /gu)).toHaveLength(LONG.length);
    const names = new Map([...filesIn(at('mapped'))].map(([name, content]) => [content, name]));
    expect(names.size).toBe(LONG.length);
    for (const name of LONG) {
      const mapped = names.get(textOf(name))!;
      expect(Buffer.byteLength(mapped)).toBeLessThanOrEqual(255);
      expect(mapped.slice(0, 40)).toBe(name.slice(0, 40));
      if (name.endsWith('.txt')) expect(mapped).toMatch(/\.txt$/u);
    }
  });
});
