/** `write` and `append`: a part of a file that is in the drive, compared with the same on a disk. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startNode } from '../../tests/server/temp-nodes.ts';
import { EXIT } from './errors.ts';
import { createPerson, signUpCheaply, type TestPerson } from './testing.ts';

const CHUNK_BYTES = 5 * 1024 * 1024;

describe('writing into a file', { timeout: 180_000 }, () => {
  let alice: TestPerson;
  const content = async (name: string): Promise<Buffer> =>
    Buffer.from((await alice.run(['cat', name])).bytes);

  beforeAll(async () => {
    alice = createPerson({ PYRGOS_USER: 'alice' });
    await signUpCheaply(alice, 'alice');
  }, 60_000);

  it('changes a range across the border of two chunks, and nothing else', async () => {
    const expected = randomBytes(CHUNK_BYTES + 3000);
    await alice.run(['put', '-', 'large'], expected);
    const patch = randomBytes(2000);
    writeFileSync(join(alice.folder, 'patch'), patch);
    const at = CHUNK_BYTES - 1000;
    const said = await alice.run(['write', '--at', String(at), 'patch', 'large']);
    expect(said).toMatchObject({ exitCode: 0, err: '' });
    patch.copy(expected, at);
    expect((await content('large')).equals(expected)).toBe(true);
  });

  it('makes a file longer from within, at its end, and by append', async () => {
    await alice.run(['put', '-', 'text'], 'hello world');
    await alice.run(['write', '--at', '6', '-', 'text'], 'everybody');
    expect((await content('text')).toString()).toBe('hello everybody');
    await alice.run(['write', '--at', '15', '-', 'text'], '!');
    await alice.run(['append', '-', 'text'], '!\n');
    expect((await content('text')).toString()).toBe('hello everybody!!\n');
    expect(await alice.run(['append', '-', 'text'], '')).toMatchObject({ exitCode: 0 });
    expect((await content('text')).toString()).toBe('hello everybody!!\n');
  });

  it('writes into an empty file', async () => {
    await alice.run(['put', '-', 'empty'], '');
    await alice.run(['write', '--at', '0', '-', 'empty'], 'no more');
    expect((await content('empty')).toString()).toBe('no more');
    await alice.run(['put', '-', 'empty too'], '');
    await alice.run(['append', '-', 'empty too'], 'nor this');
    expect((await content('empty too')).toString()).toBe('nor this');
  });

  it('appends a stream of more than one step', async () => {
    const stream = randomBytes(4 * CHUNK_BYTES + 100);
    await alice.run(['put', '-', 'log'], 'begin');
    expect(await alice.run(['append', '-', 'log'], stream)).toMatchObject({ exitCode: 0 });
    expect((await content('log')).equals(Buffer.concat([Buffer.from('begin'), stream]))).toBe(true);
  });

  it.each([
    ['beyond the end', ['write', '--at', '4', '-', 'short'], EXIT.misused, '--at is 3 at most'],
    ['at no number', ['write', '--at', '1k', '-', 'short'], EXIT.misused, 'counted from 0'],
    ['at nowhere', ['write', '-', 'short'], EXIT.misused, 'Say with --at'],
    ['into a folder', ['append', '-', 'folder'], EXIT.notFound, 'is not a file'],
    ['into nothing', ['append', '-', 'none'], EXIT.notFound, 'There is nothing at'],
    ['from no file', ['append', 'none', 'short'], EXIT.notFound, 'There is no such file'],
    ['from a folder', ['append', '.', 'short'], EXIT.misused, 'is no file'],
  ])('refuses to write %s', async (_, args, exitCode, sentence) => {
    await alice.run(['put', '-f', '-', 'short'], 'abc');
    await alice.run(['mkdir', '-p', 'folder']);
    const said = await alice.run(args, 'x');
    expect(said.err).toContain(sentence);
    expect(said.exitCode).toBe(exitCode);
    expect((await content('short')).toString()).toBe('abc');
  });

  it('keeps what two write at once, each where it was meant to be', async () => {
    const { url } = await startNode();
    await alice.run(['export', 'files']);
    const at = ['--node', url];
    await alice.run([...at, 'import', 'files']);
    await alice.run([...at, 'put', '-', 'both'], 'a'.repeat(20));
    const both = await Promise.all([
      alice.run([...at, 'write', '--at', '0', '-', 'both'], 'FIRST'),
      alice.run([...at, 'write', '--at', '10', '-', 'both'], 'SECOND'),
      alice.run([...at, 'append', '-', 'both'], '+one'),
      alice.run([...at, 'append', '-', 'both'], '+two'),
    ]);
    expect(both.map(({ exitCode, err }) => [exitCode, err])).toEqual(both.map(() => [0, '']));
    const { out } = await alice.run([...at, 'cat', 'both']);
    expect(out).toMatch(/^FIRSTaaaaaSECONDaaaa(\+one\+two|\+two\+one)$/u);
  });
});
