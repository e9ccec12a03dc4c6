/** A drive in which blocks are lost: what cannot be copied or taken along is named, the rest is done. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startNode } from '../../tests/server/temp-nodes.ts';
import { EXIT } from './errors.ts';
import { createPerson, losingLargest, signUpCheaply, type TestPerson } from './testing.ts';

interface Warning {
  readonly path?: string;
  readonly reason?: string;
}

function warningsOf(text: string): Warning[] {
  const lines = text.trim().split('\n');
  return lines.flatMap((line) => (JSON.parse(line) as { warning?: Warning }).warning ?? []);
}

describe('a folder with a damaged file in it', { timeout: 120_000 }, () => {
  let alice: TestPerson;

  beforeAll(async () => {
    alice = createPerson({ PYRGOS_USER: 'alice' });
    await signUpCheaply(alice, 'alice');
    await alice.run(['mkdir', '-p', 'docs/deep']);
    await alice.run(['put', '-', 'docs/kept.txt'], 'kept');
    const film = Buffer.alloc(300_000, 'film');
    await losingLargest(alice, () => alice.run(['put', '-', 'docs/deep/film'], film));
  }, 60_000);

  it('cp copies the rest, names the file with its whole path, and says that it is damaged', async () => {
    const said = await alice.run(['cp', '-r', 'docs', 'copied']);
    expect(said.exitCode).toBe(EXIT.damaged);
    expect(said.err).toContain('/alice/docs/deep/film was not copied: Part of this file');
    expect((await alice.run(['ls', '-R', 'copied'])).out).toContain('kept.txt');
    expect((await alice.run(['ls', '-R', 'copied'])).out).not.toContain('film');
    expect((await alice.run(['cat', 'copied/kept.txt'])).out).toBe('kept');
  });

  it('cp --json gives the path and the reason', async () => {
    const said = await alice.run(['--json', 'cp', '-r', 'docs', 'copied again']);
    expect(said.exitCode).toBe(EXIT.damaged);
    const told = warningsOf(said.err);
    expect(told).toMatchObject([{ path: '/alice/docs/deep/film', reason: 'FileDamaged' }]);
  });

  it('cp of several entries copies the others', async () => {
    await alice.run(['mkdir', 'to']);
    const said = await alice.run(['cp', 'docs/deep/film', 'docs/kept.txt', 'to']);
    expect(said.exitCode).toBe(EXIT.damaged);
    expect(said.err).toContain('/alice/docs/deep/film was not copied');
    expect((await alice.run(['ls', 'to'])).out).toBe('kept.txt\n');
  });

  it('cp of the file alone fails, and leaves nothing', async () => {
    const said = await alice.run(['cp', 'docs/deep/film', 'film']);
    expect(said.exitCode).toBe(EXIT.damaged);
    expect(said.err.trim().split('\n')).toHaveLength(2);
    expect((await alice.run(['ls'])).out).not.toContain('film');
  });
});

describe('an account with damage in it', { timeout: 120_000 }, () => {
  let bob: TestPerson;
  const local = (name: string): string => join(bob.folder, name);
  const DAMAGED = '/bob/films/film';

  beforeAll(async () => {
    bob = createPerson({ PYRGOS_USER: 'bob' });
    await signUpCheaply(bob, 'bob');
    await bob.run(['mkdir', 'films']);
    await bob.run(['put', '-', 'kept.txt'], 'kept');
    await bob.run(['put', '-', 'films/film'], randomBytes(300_000));
    await bob.run(['export', 'whole']);
    const film = () => bob.run(['put', '-f', '-', 'films/film'], randomBytes(300_000));
    await losingLargest(bob, film);
  }, 60_000);

  it('is not exported: the file is named, and nothing is left of the archive', async () => {
    const said = await bob.run(['export', 'files']);
    expect(said.exitCode).toBe(EXIT.damaged);
    expect(said.err).toContain(`${DAMAGED} was not exported: Part of this file is missing`);
    expect(said.err).toContain('Parts of this account are missing or damaged: “/films/film”.');
    expect(readdirSync(local('files'))).toEqual([]);
  });

  it('is not moved: the file is named, and the account stays where it is', async () => {
    const said = await bob.run(['--json', 'move', '--to', 'dir:elsewhere']);
    expect(said.exitCode).toBe(EXIT.damaged);
    const [told] = warningsOf(said.err);
    expect(told).toMatchObject({ path: DAMAGED, reason: 'FileDamaged' });
    expect(said.err).toContain('"name":"AccountIncomplete"');
    expect((await bob.run(['cat', 'kept.txt'])).out).toBe('kept');
  });

  it('is moved and exported when the file is gone', async () => {
    await bob.run(['rm', 'films/film']);
    expect(await bob.run(['export', 'files'])).toMatchObject({ exitCode: 0 });
    expect(await bob.run(['move', '--to', 'dir:elsewhere'])).toMatchObject({ exitCode: 0 });
    const there = await bob.run(['--node', 'dir:elsewhere', 'cat', 'kept.txt']);
    expect(there.out).toBe('kept');
  });

  it('is not imported where a block of the archive is damaged: the file is named', async () => {
    const car = readFileSync(local('whole/blocks.car'));
    car[car.length >> 1]! ^= 1;
    mkdirSync(local('spoilt'), { recursive: true });
    writeFileSync(local('spoilt/blocks.car'), car);
    copyFileSync(local('whole/node.json'), local('spoilt/node.json'));
    const { url } = await startNode();
    for (const node of ['dir:imported', url]) {
      const said = await bob.run(['--node', node, 'import', 'spoilt']);
      expect(said.exitCode).toBe(EXIT.damaged);
      expect(said.err).toContain(`${DAMAGED} was not imported: Part of this file`);
      expect(said.err).toContain('The content of block');
      expect(await bob.run(['--node', node, 'ls'])).toMatchObject({ exitCode: EXIT.refused });
    }
  });
});
