/** Links at the command line: made by their owner, opened by somebody without an account. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from './errors.ts';
import { momentOf } from './moments.ts';
import { createPerson, signUpCheaply, type Said, type TestPerson } from './testing.ts';

interface Row {
  readonly path: string;
  readonly label: string;
  readonly address: string;
}

const rows = (said: Said): Row[] =>
  said.out
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row);

describe('a link', { timeout: 120_000 }, () => {
  let [alice, guest]: TestPerson[] = [];
  const make = async (...args: string[]): Promise<Row> => {
    const said = await alice!.run(['link', 'make', '--json', ...args]);
    expect(said, said.err).toMatchObject({ exitCode: 0, err: '' });
    return rows(said)[0]!;
  };
  const asGuest = (address: string, ...args: string[]): Promise<Said> =>
    guest!.run(['open-link', '-', ...args], `${address}\n`);

  beforeAll(async () => {
    alice = createPerson({ PYRGOS_USER: 'alice' });
    await signUpCheaply(alice, 'alice');
    // Nothing of an account: no name, and no password that is any.
    const PYRGOS_NODE = `dir:${join(alice.folder, 'drive')}`;
    guest = createPerson({ PYRGOS_NODE, PYRGOS_PASSWORD: '' });
    await alice.run(['mkdir', '-p', 'docs/inner']);
    await alice.run(['put', '-', 'docs/plan.txt'], 'the plan');
    await alice.run(['put', '-', 'docs/inner/deep.txt'], 'deep');
    await alice.run(['put', '-', 'other.txt'], 'not for you');
    writeFileSync(join(alice.folder, 'link-password'), 'sesame\n');
    writeFileSync(join(guest.folder, 'link-password'), 'sesame\n');
    writeFileSync(join(guest.folder, 'wrong'), 'sesam\n');
  }, 60_000);

  it('is one line, which opens the folder to somebody without an account', async () => {
    const said = await alice!.run(['link', 'make', 'docs']);
    expect(said).toMatchObject({ exitCode: 0, err: '' });
    expect(said.out).toMatch(/^secret\/z[1-9A-HJ-NP-Za-km-z]+\/\d+#[A-Za-z0-9]{12}\n$/u);
    const address = said.out.trim();
    expect((await asGuest(address, 'ls')).out).toBe('inner/\nplan.txt\n');
    expect((await asGuest(address, 'ls', '-R')).out).toContain('docs/inner:\ndeep.txt');
    expect((await asGuest(address, 'cat', 'inner/deep.txt')).out).toBe('deep');
    const got = await asGuest(address, 'get');
    expect(got, got.err).toMatchObject({ exitCode: 0, out: '' });
    expect(readFileSync(join(guest!.folder, 'docs/inner/deep.txt'), 'utf8')).toBe('deep');
    expect(await asGuest(address, 'cat', '../other.txt')).toMatchObject({
      exitCode: EXIT.notFound,
      out: '',
    });
    const byArgument = await guest!.run(['open-link', address, 'cat', 'plan.txt']);
    expect(byArgument.out).toBe('the plan');
  });

  it('to a file is the file, for reading alone', async () => {
    const { address } = await make('docs/plan.txt');
    expect((await asGuest(address, 'cat')).out).toBe('the plan');
    expect((await asGuest(address, 'get', '', '-')).out).toBe('the plan');
    const listed = await asGuest(address, 'ls', '--json');
    expect(rows(listed)).toMatchObject([{ path: 'plan.txt', type: 'file', size: 8 }]);
    writeFileSync(join(guest!.folder, 'new.txt'), 'new');
    expect(await asGuest(address, 'put', 'new.txt')).toMatchObject({ exitCode: EXIT.notFound });
  });

  it('to a folder takes what is stored only if it was made to be changed', async () => {
    mkdirSync(join(guest!.folder, 'more'), { recursive: true });
    writeFileSync(join(guest!.folder, 'more/a.txt'), 'from a guest');
    const readable = await make('docs/inner');
    const refused = await asGuest(readable.address, 'put', 'more');
    expect(refused).toMatchObject({ exitCode: EXIT.refused, out: '' });
    const { address, path } = await make('--write', 'docs/inner');
    expect(path).toBe('/alice/docs/inner');
    const stored = await asGuest(address, 'put', 'more');
    expect(stored, stored.err).toMatchObject({ exitCode: 0, out: '' });
    expect((await alice!.run(['cat', 'docs/inner/more/a.txt'])).out).toBe('from a guest');
    expect((await asGuest(readable.address, 'cat', 'more/a.txt')).out).toBe('from a guest');
    expect(await asGuest(address, 'put', 'more/a.txt', 'more/a.txt')).toMatchObject({
      exitCode: EXIT.misused,
    });
  });

  it('asks for its password, which is not the one of the account', async () => {
    const { address } = await make('--link-password-file', 'link-password', 'docs');
    const unasked = await asGuest(address, 'ls');
    expect(unasked).toMatchObject({ exitCode: EXIT.misused, out: '' });
    expect(unasked.err).toContain('--link-password-file');
    const wrong = await asGuest(address, 'ls', '--link-password-file', 'wrong', '--json');
    expect(wrong).toMatchObject({ exitCode: EXIT.refused, out: '' });
    expect(JSON.parse(wrong.err)).toMatchObject({ error: { name: 'WrongLinkPassword' } });
    const right = await asGuest(address, 'ls', '--link-password-file', 'link-password');
    expect(right.out).toBe('inner/\nplan.txt\n');
  });

  it('is used up after as many times as it was made for', async () => {
    const { address } = await make('--uses', '1', 'docs');
    expect(await asGuest(address, 'ls')).toMatchObject({ exitCode: 0 });
    const again = await asGuest(address, 'ls', '--json');
    expect(JSON.parse(again.err)).toMatchObject({ error: { name: 'LinkUsedUp' } });
  });

  it('is listed with its terms, and deleted by its label', async () => {
    await alice!.run(['mkdir', 'listed']);
    const terms = ['--expires', '30d', '--uses', '3', '--open'];
    const made = await make(...terms, '--link-password-file', 'link-password', 'listed');
    expect(made).toMatchObject({
      path: '/alice/listed',
      right: 'read',
      asks_password: true,
      uses: 3,
      open: true,
      address: expect.stringMatching(/\?open=true$/u) as string,
    });
    const listed = await alice!.run(['link', 'list', '--json', 'listed']);
    expect(rows(listed)).toEqual([made]);
    expect(rows(await alice!.run(['link', 'list', '--json']))).toContainEqual(made);
    const shown = await alice!.run(['link', 'list', 'listed']);
    // A label has nine or ten digits, in a column of ten.
    expect(shown.out).toMatch(new RegExp(`${made.label} +/alice/listed  \\(password, until `));
    expect(shown.out).toContain(made.address);
    const removed = await alice!.run(['link', 'rm', '--json', 'listed', made.label]);
    expect(rows(removed)).toEqual([{ path: '/alice/listed', label: made.label, removed: true }]);
    expect((await alice!.run(['link', 'list', 'listed'])).out).toBe('');
    const gone = await asGuest(made.address, 'ls', '--json');
    expect(JSON.parse(gone.err)).toMatchObject({ error: { name: 'LinkRemoved' } });
    expect(await alice!.run(['link', 'rm', 'listed', made.label])).toMatchObject({
      exitCode: EXIT.notFound,
    });
  });

  it('asks for the download where that is wanted, without being another link', async () => {
    const { address } = await make('--download', 'docs/plan.txt');
    expect(address).toMatch(/#[A-Za-z0-9]{12}\?download=true$/u);
    expect((await asGuest(address, 'cat')).out).toBe('the plan');
  });

  it.each<[string, number, string[]]>([
    ['no act', EXIT.misused, ['link', 'share', 'docs']],
    ['nothing there', EXIT.notFound, ['link', 'make', 'none']],
    ['the whole drive', EXIT.refused, ['link', 'make', '/']],
    ['no uses', EXIT.misused, ['link', 'make', '--uses', '0', 'docs']],
    ['an end that is over', EXIT.misused, ['link', 'make', '--expires', '2020-01-01', 'docs']],
    ['two wishes', EXIT.misused, ['link', 'make', '--open', '--download', 'docs']],
    ['options of another act', EXIT.misused, ['link', 'list', '--uses', '1']],
    ['a label that is none', EXIT.misused, ['link', 'rm', 'docs', 'first']],
  ])('is refused for %s', async (_what, exitCode, command) => {
    expect(await alice!.run(command)).toMatchObject({ exitCode, out: '' });
  });

  it('is never repeated by what goes wrong with it', async () => {
    const { address } = await make('docs');
    const secret = /#([A-Za-z0-9]{12})/u.exec(address)![1]!;
    for (const said of [
      await asGuest(address.replace('secret/', 'secrets/'), 'ls'),
      await asGuest(`${address}!`, 'ls'),
      await asGuest(`https://127.0.0.1:1/${address}`, 'ls'),
      await guest!.run(['open-link', address, 'look']),
      await guest!.run(['open-link', address]),
      await guest!.run(['open-links', address, 'ls']),
    ]) {
      expect(said.exitCode).not.toBe(0);
      expect(said.out + said.err).not.toContain(secret);
    }
  });
});

describe('a moment', () => {
  const now = new Date(2026, 10, 23, 12).getTime();

  it.each([
    ['2026-11-23', new Date(2026, 10, 23, 23, 59, 59).getTime()],
    ['2026-11-23T18:00', new Date(2026, 10, 23, 18).getTime()],
    ['2026-12-01T00:00Z', Date.UTC(2026, 11, 1)],
    ['2d', now + 172_800_000],
    ['12h', now + 43_200_000],
    ['45m', now + 2_700_000],
  ])('is read from %s', (text, ms) => {
    expect(momentOf(text, now)).toBe(ms);
  });

  it.each(['', 'tomorrow', '2026-13-01', '2026-11-22', '0d', '5', '5y', '2026-11-23T11:59'])(
    'is not read from “%s”',
    (text) => {
      expect(() => momentOf(text, now)).toThrowError();
    },
  );
});
