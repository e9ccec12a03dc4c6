import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startNode } from '../../tests/server/temp-nodes.ts';
import { Cid } from '#lib/codec/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import { PointerRolledBack } from '#lib/writers/index.ts';
import { EXIT } from './errors.ts';
import { KnownPointers } from './known-pointers.ts';
import { createPerson, signUpCheaply, type TestPerson } from './testing.ts';

const cid = (n: number): Cid => Cid.sha256(0x71, new Uint8Array(32).fill(n));

describe('what this machine remembers of pointers', () => {
  const writer = asKeyHash(cid(200), 'A writer');
  const place = 'https://drive.example';
  const open = (person: TestPerson, options: { acceptsRollback?: boolean } = {}) => {
    const damaged: string[] = [];
    const env = { XDG_STATE_HOME: join(person.folder, 'state') };
    const known = new KnownPointers(env, place, {
      acceptsRollback: false,
      onDamaged: (file) => void damaged.push(file),
      ...options,
    });
    return { known, damaged };
  };
  const folderOf = (person: TestPerson): string => {
    const state = join(person.folder, 'state/pyrgos');
    return join(state, readdirSync(state).find((name) => name.startsWith('pointers-')) ?? '');
  };

  it('refuses what is older or other, in a later command and from others at once', async () => {
    const person = createPerson({});
    await Promise.all(
      [3, 9, 5, 8, 1, 7].map((sequence) =>
        open(person)
          .known.see(writer, { target: cid(sequence), sequence })
          .catch(() => undefined),
      ),
    );
    const { known } = open(person);
    await expect(known.see(writer, { target: cid(8), sequence: 8 })).rejects.toThrow(
      PointerRolledBack,
    );
    for (const state of [
      { target: cid(1), sequence: 9 },
      { target: undefined, sequence: undefined },
    ]) {
      await expect(open(person).known.see(writer, state)).rejects.toThrow('--accept-rollback');
    }
    await open(person).known.see(writer, { target: cid(9), sequence: 9 });
    await open(person).known.see(writer, { target: undefined, sequence: 10 });
    expect(readdirSync(folderOf(person))).toEqual([`${writer.toString()}.10`]);
    const [name = ''] = readdirSync(folderOf(person));
    expect(statSync(join(folderOf(person), name)).mode & 0o777).toBe(0o600);
  });

  it('begins again with an older one that was agreed to, and then goes only forward', async () => {
    const person = createPerson({});
    await open(person).known.see(writer, { target: cid(9), sequence: 9 });
    const { known } = open(person, { acceptsRollback: true });
    await known.see(writer, { target: cid(4), sequence: 4 });
    await expect(known.see(writer, { target: cid(3), sequence: 3 })).rejects.toThrow();
    await open(person).known.see(writer, { target: cid(5), sequence: 5 });
    await expect(
      open(person).known.see(writer, { target: cid(4), sequence: 4 }),
    ).rejects.toBeInstanceOf(PointerRolledBack);
  });

  it.each(['', 'nonsense\n', 'zdpuAcut'])('sets a file aside that holds “%s”', async (content) => {
    const person = createPerson({});
    await open(person).known.see(writer, { target: cid(9), sequence: 9 });
    const file = join(folderOf(person), `${writer.toString()}.9`);
    writeFileSync(file, content);
    const { known, damaged } = open(person);
    await known.see(writer, { target: cid(4), sequence: 4 });
    expect(damaged).toHaveLength(1);
    expect(readFileSync(damaged[0]!, 'utf8')).toBe(content);
    await expect(known.see(writer, { target: cid(3), sequence: 3 })).rejects.toThrow();
  });
});

describe('a node that goes back between two commands', { timeout: 120_000 }, () => {
  let alice: TestPerson;
  const local = (name: string): string => join(alice.folder, name);
  const back = (): void => {
    rmSync(local('drive'), { recursive: true });
    cpSync(local('older'), local('drive'), { recursive: true });
  };

  beforeAll(async () => {
    alice = createPerson({ PYRGOS_USER: 'alice' });
    await signUpCheaply(alice, 'alice');
    cpSync(local('drive'), local('older'), { recursive: true });
    expect(await alice.run(['mkdir', 'newer'])).toMatchObject({ exitCode: 0, err: '' });
    back();
  }, 60_000);

  it('is refused by name, with what to do', async () => {
    const said = await alice.run(['--json', 'ls']);
    expect(said.exitCode).toBe(EXIT.damaged);
    expect(JSON.parse(said.err)).toMatchObject({ error: { name: 'PointerRolledBack' } });
    expect(said.err).toContain('--accept-rollback');
    expect(said.err).toContain(local('state/pyrgos/pointers-'));
  });

  it('is not noticed without state, and nothing is written then', async () => {
    const before = readdirSync(local('state/pyrgos'), { recursive: true });
    expect(await alice.run(['--no-state', 'ls'])).toMatchObject({ exitCode: 0 });
    expect(await alice.run(['--no-state', 'mkdir', 'unseen'])).toMatchObject({ exitCode: 0 });
    expect(readdirSync(local('state/pyrgos'), { recursive: true })).toEqual(before);
    back();
  });

  it('is taken as it is with --accept-rollback, once and for all', async () => {
    expect(await alice.run(['--accept-rollback', 'ls'])).toMatchObject({ exitCode: 0, err: '' });
    expect(await alice.run(['mkdir', 'again'])).toMatchObject({ exitCode: 0, err: '' });
    back();
    expect(await alice.run(['ls'])).toMatchObject({ exitCode: EXIT.damaged });
    expect(await alice.run(['--accept-rollback', 'ls'])).toMatchObject({ exitCode: 0, err: '' });
  });

  it('is noticed of a server, too, which may be restored from an export', async () => {
    await alice.run(['export', 'files']);
    const first = await startNode();
    const at = ['--node', first.url];
    expect(await alice.run([...at, 'import', 'files'])).toMatchObject({ exitCode: 0, err: '' });
    expect(await alice.run([...at, 'mkdir', 'there'])).toMatchObject({ exitCode: 0, err: '' });
    const kept = readdirSync(local('state/pyrgos')).filter((name) => name.includes('http'));
    expect(kept.some((name) => name.startsWith('pointers-'))).toBe(true);
    rmSync(local('drive'), { recursive: true });
    expect(await alice.run(['import', 'files'])).toMatchObject({ exitCode: 0, err: '' });
    expect(await alice.run(['ls'])).toMatchObject({ exitCode: 0, err: '' });
  });
});
