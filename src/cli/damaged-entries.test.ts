/** A drive in which blocks are lost: what cannot be copied or taken along is named, the rest is done. */
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from './errors.ts';
import { createPerson, losingLargest, signUpCheaply, type TestPerson } from './testing.ts';

describe('a folder with a damaged file in it', { timeout: 120_000 }, () => {
  let alice: TestPerson;
  const warnings = (text: string): { path?: string; reason?: string }[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, { path?: string; reason?: string }>)
      .flatMap(({ warning }) => warning ?? []);

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
    const told = warnings(said.err);
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
