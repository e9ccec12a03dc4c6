/** People at the command line: two accounts in one folder of this disk. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { EXIT } from './errors.ts';
import { createPerson, signUpCheaply, type TestPerson } from './testing.ts';

const lines = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);

/** Two people whose drives lie in one folder. */
async function town(): Promise<Record<'alice' | 'bob', TestPerson>> {
  const alice = createPerson({ PYRGOS_USER: 'alice' });
  const PYRGOS_NODE = `dir:${join(alice.folder, 'drive')}`;
  await signUpCheaply(alice, 'alice');
  await signUpCheaply(alice, 'bob');
  return { alice, bob: createPerson({ PYRGOS_USER: 'bob', PYRGOS_NODE }) };
}

async function befriend({ alice, bob }: Record<'alice' | 'bob', TestPerson>): Promise<void> {
  expect(await alice.run(['follow', 'bob'])).toMatchObject({ exitCode: 0, err: '' });
  expect(await bob.run(['requests', '--follow-back', 'alice'])).toMatchObject({ exitCode: 0 });
  expect(await alice.run(['friends'])).toMatchObject({ exitCode: 0, err: '' });
}

describe('who is who', { timeout: 120_000 }, () => {
  let [alice, bob]: TestPerson[] = [];

  beforeAll(async () => {
    ({ alice, bob } = await town());
  }, 60_000);

  it('begins with a request that the other side lists, and ends with two friends', async () => {
    const asked = await alice!.run(['follow', '--json', 'bob']);
    expect(asked).toMatchObject({ exitCode: 0, err: '' });
    expect(lines(asked.out)).toEqual([{ username: 'bob', state: 'asked' }]);
    expect((await alice!.run(['requests'])).out).toBe('bob  has not answered yet\n');
    expect(lines((await bob!.run(['requests', '--json'])).out)).toEqual([
      { username: 'alice', direction: 'incoming' },
    ]);
    const answered = await bob!.run(['requests', '--follow-back', 'alice']);
    expect(answered).toMatchObject({ exitCode: 0, out: 'You and alice are friends.\n' });
    for (const [who, other] of [
      [alice, 'bob'],
      [bob, 'alice'],
    ] as const) {
      expect((await who!.run(['requests'])).out).toBe('');
      expect((await who!.run(['friends'])).out).toBe(`${other}  friend\n`);
      expect(lines((await who!.run(['friends', '--json'])).out)).toEqual([
        {
          friends: [other],
          following: [other],
          followers: [other],
          pending_outgoing: [],
          pending_incoming: [],
          blocked: [],
        },
      ]);
    }
  });

  it('says who was blocked, and hears of them again', async () => {
    const blocked = await alice!.run(['block', '--json', 'bob']);
    expect(lines(blocked.out)).toEqual([{ username: 'bob', blocked: true }]);
    expect(await alice!.run(['ls', '//bob'])).toMatchObject({ exitCode: EXIT.notFound });
    expect((await alice!.run(['friends'])).out).toBe('bob  blocked\n');
    expect(await alice!.run(['follow', 'bob'])).toMatchObject({ exitCode: EXIT.refused });
    expect(await alice!.run(['unblock', 'bob'])).toMatchObject({ exitCode: 0 });
    expect((await alice!.run(['friends'])).out).toBe('bob  friend\n');
    expect(await alice!.run(['unblock', 'bob'])).toMatchObject({ exitCode: EXIT.refused });
  });

  it('refuses names nobody has, oneself and two answers at once', async () => {
    const unknown = await alice!.run(['follow', '--json', 'nobody']);
    expect(unknown).toMatchObject({ exitCode: EXIT.refused, out: '' });
    expect(lines(unknown.err)).toMatchObject([
      { error: { name: 'UnknownUser', exitCode: EXIT.refused } },
    ]);
    for (const command of ['follow', 'block', 'verify']) {
      expect((await alice!.run([command, 'nobody'])).exitCode).toBe(EXIT.refused);
      expect((await alice!.run([command, 'alice'])).exitCode).not.toBe(0);
    }
    expect((await alice!.run(['friends'])).out).toBe('bob  friend\n');
    expect(await alice!.run(['requests', '--allow', 'bob'])).toMatchObject({
      exitCode: EXIT.refused,
    });
    expect(await alice!.run(['requests', '--allow', 'bob', '--deny', 'bob'])).toMatchObject({
      exitCode: EXIT.misused,
    });
  });
});

describe('a request', { timeout: 120_000 }, () => {
  it('that is denied leaves nobody waiting', async () => {
    const { alice, bob } = await town();
    await alice.run(['follow', 'bob']);
    expect(await bob.run(['requests', '--deny', 'alice'])).toMatchObject({ exitCode: 0 });
    expect((await alice.run(['friends'])).out).toBe('');
    expect((await bob.run(['friends'])).out).toBe('');
  });

  it('that is allowed makes a follower, whom one may follow later', async () => {
    const { alice, bob } = await town();
    await alice.run(['follow', 'bob']);
    expect(await bob.run(['requests', '--allow', 'alice'])).toMatchObject({ exitCode: 0 });
    expect((await alice.run(['friends'])).out).toBe('bob  you follow them\n');
    expect((await bob.run(['friends'])).out).toBe('alice  follows you\n');
    expect(await bob.run(['follow', 'alice'])).toMatchObject({ exitCode: 0 });
    expect(await alice.run(['requests', '--follow-back', 'bob'])).toMatchObject({ exitCode: 0 });
    expect((await bob.run(['friends'])).out).toBe('alice  friend\n');
    expect((await alice.run(['friends'])).out).toBe('bob  friend\n');
  });

  it('that meets another one makes friends', async () => {
    const { alice, bob } = await town();
    await alice.run(['follow', 'bob']);
    const met = await bob.run(['follow', '--json', 'alice']);
    expect(lines(met.out)).toEqual([{ username: 'alice', state: 'friends' }]);
    expect((await alice.run(['friends'])).out).toBe('bob  friend\n');
  });
});

describe('what friends share', { timeout: 120_000 }, () => {
  let [alice, bob]: TestPerson[] = [];

  beforeAll(async () => {
    const both = await town();
    ({ alice, bob } = both);
    await befriend(both);
    await bob!.run(['mkdir', '-p', 'docs/deep', 'team', 'own']);
    await bob!.run(['put', '-', 'docs/a.txt'], 'from bob');
    await bob!.run(['put', '-', 'docs/deep/b.txt'], 'deeper');
    await bob!.run(['put', '-', 'team/plan'], 'first');
    await bob!.run(['put', '-', 'own/secret'], 'nobody');
  }, 120_000);

  it('is read by every command that reads, with two slashes before the name', async () => {
    expect(await alice!.run(['ls', '//bob/docs'])).toMatchObject({ exitCode: EXIT.notFound });
    const shared = await bob!.run(['share', '--json', 'docs', '--with', 'alice']);
    expect(shared).toMatchObject({ exitCode: 0, err: '' });
    expect(lines(shared.out)).toEqual([
      { path: '/bob/docs', right: 'read', kind: 'person', name: 'alice' },
    ]);
    expect((await alice!.run(['ls', '//bob'])).out).toBe('docs/\n');
    expect((await alice!.run(['ls', '-R', '//bob/docs'])).out).toContain('//bob/docs/deep:\nb.txt');
    expect((await alice!.run(['cat', '//bob/docs/a.txt'])).out).toBe('from bob');
    expect(lines((await alice!.run(['stat', '--json', '//bob/docs/a.txt'])).out)).toMatchObject([
      { path: '//bob/docs/a.txt', size: 8, writable: false },
    ]);
    expect(lines((await alice!.run(['du', '--json', '//bob/docs'])).out)).toEqual([
      { path: '//bob/docs', bytes: 14, files: 2, folders: 2 },
    ]);
    expect(await alice!.run(['get', '//bob/docs', 'fetched'])).toMatchObject({ exitCode: 0 });
    expect((await alice!.run(['put', 'fetched/deep/b.txt', 'mine'])).exitCode).toBe(0);
    expect((await alice!.run(['cat', 'mine'])).out).toBe('deeper');
    expect(await alice!.run(['cp', '-r', '//bob/docs', 'copied'])).toMatchObject({ exitCode: 0 });
    expect((await alice!.run(['cat', 'copied/deep/b.txt'])).out).toBe('deeper');
  });

  it('does not stand in the way of own folders of that name', async () => {
    await alice!.run(['mkdir', 'bob']);
    await alice!.run(['put', '-', 'bob/a.txt'], 'from alice');
    expect((await alice!.run(['cat', '/bob/a.txt'])).out).toBe('from alice');
    expect((await alice!.run(['cat', '//alice/bob/a.txt'])).out).toBe('from alice');
    expect((await alice!.run(['cat', '///bob/a.txt'])).out).toBe('from alice');
  });

  it('is walked through in the shell', async () => {
    const said = await alice!.run([], 'cd //bob/docs\npwd\ncat deep/b.txt\ncd ../..\ncd\npwd\n');
    expect(said.out).toBe('//bob/docs\ndeeper/alice\n');
    expect(said.err).toContain('There is nothing at');
  });

  it('cannot be changed by whom may only read it', async () => {
    for (const [exitCode, ...command] of [
      [EXIT.refused, 'mkdir', '//bob/docs/new'],
      [EXIT.refused, 'rm', '//bob/docs/a.txt'],
      [EXIT.refused, 'put', '-', '//bob/docs/new'],
      [EXIT.misused, 'mv', '//bob/docs/a.txt', 'moved'],
      [EXIT.misused, 'rm', '-r', '//bob'],
    ] as [number, ...string[]][]) {
      const said = await alice!.run(command, 'x');
      expect(said, said.err).toMatchObject({ exitCode, out: '' });
    }
    expect((await bob!.run(['ls', 'docs'])).out).toBe('a.txt\ndeep/\n');
  });

  it('is changed from both sides where it was shared to write', async () => {
    expect(await bob!.run(['share', 'team', '--write', '--with', 'friends'])).toMatchObject({
      exitCode: 0,
      err: '',
    });
    expect((await alice!.run(['stat', '//bob/team/plan'])).out).not.toContain('only be read');
    expect(await alice!.run(['put', '-f', '-', '//bob/team/plan'], 'second')).toMatchObject({
      exitCode: 0,
      err: '',
    });
    expect(await alice!.run(['mkdir', '//bob/team/new'])).toMatchObject({ exitCode: 0 });
    expect((await bob!.run(['cat', 'team/plan'])).out).toBe('second');
    expect((await bob!.run(['ls', 'team'])).out).toBe('new/\nplan\n');
  });

  it('takes large files, copies and parts from both sides where it was shared to write', async () => {
    const large = Buffer.alloc(6_000_000, 'large');
    writeFileSync(join(alice!.folder, 'large'), large);
    for (const command of [
      ['put', 'large', '//bob/team/new'],
      ['cp', '//bob/team/plan', '//bob/team/new'],
      ['mv', '//bob/team/new/plan', '//bob/team/moved'],
      ['append', '-', '//bob/team/moved'],
      ['cp', 'mine', '//bob/team'],
      ['rm', '//bob/team/mine'],
    ]) {
      expect(await alice!.run(command, ' part'), command.join(' ')).toMatchObject({
        exitCode: 0,
        err: '',
      });
    }
    expect((await bob!.run(['cat', 'team/new/large'])).bytes).toEqual(large);
    expect((await bob!.run(['cat', 'team/moved'])).out).toBe('second part');
    expect((await bob!.run(['ls', 'team'])).out).toBe('moved\nnew/\nplan\n');
    expect((await alice!.run(['uploads'])).out).toBe('');
    expect(await alice!.run(['mv', 'mine', '//bob/team'])).toMatchObject({
      exitCode: EXIT.misused,
    });
  });

  it('is a file alone, whose content the sharee replaces where its folder may not be changed', async () => {
    await bob!.run(['put', '-', 'own/alone'], 'the first content');
    await bob!.run(['share', 'own/alone', '--write', '--with', 'alice']);
    const place = '//bob/own/alone';
    writeFileSync(join(alice!.folder, 'longer'), 'the second content, which is longer');
    writeFileSync(join(alice!.folder, 'shorter'), 'third');
    for (const [command, stdin, content] of [
      [['put', '-f', 'longer', place], '', 'the second content, which is longer'],
      [['put', '-f', 'shorter', place], '', 'third'],
      [['put', '-f', '-', place], '4', '4'],
      [['put', '--skip', 'longer', place], '', '4'],
    ] as const) {
      const done = await alice!.run([...command], stdin);
      expect(done, command.join(' ')).toMatchObject({ exitCode: 0, err: '' });
      expect((await bob!.run(['cat', 'own/alone'])).out).toBe(content);
    }
    for (const [command, exitCode] of [
      [['put', 'longer', place], EXIT.exists],
      [['put', '--keep-both', 'longer', place], EXIT.refused],
      [['put', '-f', 'longer', '//bob/own/other'], EXIT.refused],
    ] as const) {
      expect(await alice!.run([...command]), command.join(' ')).toMatchObject({ exitCode });
    }
    expect((await bob!.run(['cat', 'own/alone'])).out).toBe('4');
    await bob!.run(['unshare', 'own/alone', '--write', '--with', 'alice']);
  });

  it('is listed, with what it is shared by', async () => {
    expect(lines((await bob!.run(['shares', '--json'])).out)).toEqual([
      { path: '/bob/docs', right: 'read', kind: 'person', name: 'alice' },
      { path: '/bob/team', right: 'write', kind: 'group', name: 'friends' },
    ]);
    expect((await bob!.run(['shares', 'docs/deep'])).out).toBe('read   alice  /bob/docs\n');
    expect((await bob!.run(['shares', 'own'])).out).toBe('');
    expect((await bob!.run(['shares', '-a'])).out).toContain('/bob/shared/');
  });

  it('is left, until it is shared again', async () => {
    const left = await alice!.run(['leave', '--json', '//bob/team']);
    expect(left).toMatchObject({ exitCode: 0, err: '' });
    expect(lines(left.out)).toEqual([{ path: '//bob/team' }]);
    expect((await alice!.run(['ls', '//bob'])).out).toBe('docs/\n');
    expect(await alice!.run(['leave', '//bob/team'])).toMatchObject({ exitCode: EXIT.notFound });
    for (const path of ['//bob', '//bob/docs/a.txt', 'mine', '/']) {
      const refused = await alice!.run(['leave', path]);
      expect(refused, path).toMatchObject({ exitCode: EXIT.refused, out: '' });
    }
    await bob!.run(['share', 'team', '--write', '--with', 'friends']);
    expect((await alice!.run(['ls', '//bob'])).out).toBe('docs/\nteam/\n');
  });

  it('is taken back, and then opens nothing', async () => {
    const taken = await bob!.run(['unshare', 'docs', '--reseal', '--with', 'alice']);
    expect(taken).toMatchObject({ exitCode: 0, err: '' });
    expect((await bob!.run(['cat', 'docs/a.txt'])).exitCode).toBe(0);
    expect(await alice!.run(['cat', '//bob/docs/a.txt'])).toMatchObject({
      exitCode: EXIT.notFound,
      out: '',
    });
    const hint = await bob!.run(['unshare', 'team', '--with', 'friends']);
    expect(hint).toMatchObject({ exitCode: EXIT.notFound });
    expect(hint.err).toContain('use --write');
    expect(await bob!.run(['unshare', 'team', '--write', '--with', 'friends'])).toMatchObject({
      exitCode: 0,
    });
    expect(await alice!.run(['ls', '//bob/team'])).toMatchObject({ exitCode: EXIT.notFound });
    expect((await bob!.run(['shares'])).out).toBe('');
    expect((await bob!.run(['cat', 'docs/a.txt', 'team/plan'])).out).toBe('from bobsecond');
  });

  it.each<[string, number, string[], string]>([
    ['a name nobody has', EXIT.notFound, ['share', 'own', '--with', 'nobody'], 'does not follow'],
    ['the whole drive', EXIT.refused, ['share', '/', '--with', 'alice'], 'whole drive'],
    ['nothing there', EXIT.notFound, ['share', 'none', '--with', 'alice'], 'nothing at'],
    ['nobody', EXIT.misused, ['share', 'own'], 'with whom'],
    ['a friend’s drive', EXIT.refused, ['share', '//alice', '--with', 'alice'], 'its owner'],
    ['what is not shared', EXIT.notFound, ['unshare', 'own', '--with', 'alice'], 'not shared'],
    ['the whole drive back', EXIT.refused, ['unshare', '/', '--with', 'alice'], 'whole drive'],
  ])('is refused for %s', async (_what, exitCode, command, sentence) => {
    const said = await bob!.run(command);
    expect(said).toMatchObject({ exitCode, out: '' });
    expect(said.err).toContain(sentence);
    expect(await alice!.run(['ls', '//bob'])).toMatchObject({ exitCode: 0, out: '' });
  });

  it('names who is not followed', async () => {
    const said = await alice!.run(['ls', '//carol/docs']);
    expect(said).toMatchObject({ exitCode: EXIT.notFound });
    expect(said.err).toContain('You do not follow “carol”');
  });
});

describe('what a friend shares', { timeout: 120_000 }, () => {
  it('is handed on to read, listed, and no longer noted when that is said', async () => {
    const { alice, bob } = await town();
    await signUpCheaply(alice, 'carol');
    const PYRGOS_NODE = `dir:${join(alice.folder, 'drive')}`;
    const carol = createPerson({ PYRGOS_USER: 'carol', PYRGOS_NODE });
    await befriend({ alice, bob });
    await carol.run(['follow', 'bob']);
    await bob.run(['requests', '--follow-back', 'carol']);
    await carol.run(['friends']);
    await alice.run(['put', '-', 'song'], 'la la');
    await alice.run(['share', 'song', '--with', 'bob']);
    const shared = await bob.run(['share', '--json', '//alice/song', '--with', 'carol']);
    expect(shared).toMatchObject({ exitCode: 0, err: '' });
    const row = { path: '//alice/song', right: 'read', kind: 'person', name: 'carol' };
    expect(lines(shared.out)).toEqual([row]);
    expect(lines((await bob.run(['shares', '--json'])).out)).toEqual([row]);
    expect((await bob.run(['shares', '//alice/song'])).out).toBe('read   carol  //alice/song\n');
    expect((await carol.run(['cat', '//alice/song'])).out).toBe('la la');
    for (const command of [
      ['share', '//alice/song', '--write', '--with', 'carol'],
      ['unshare', '//alice/song', '--reseal', '--with', 'carol'],
    ]) {
      expect(await bob.run(command)).toMatchObject({ exitCode: EXIT.refused, out: '' });
    }
    const taken = await bob.run(['unshare', '//alice/song', '--with', 'carol']);
    expect(taken).toMatchObject({ exitCode: 0 });
    expect(taken.err).toContain('until alice takes it back');
    expect((await bob.run(['shares'])).out).toBe('');
    expect((await carol.run(['cat', '//alice/song'])).out).toBe('la la');
    await alice.run(['unshare', 'song', '--with', 'bob']);
    expect(await carol.run(['cat', '//alice/song'])).toMatchObject({
      exitCode: EXIT.notFound,
      out: '',
    });
  });
});

describe('what friends know of each other', { timeout: 120_000 }, () => {
  let [alice, bob]: TestPerson[] = [];

  interface Shown {
    readonly state: string;
    readonly safety_number: string;
    readonly qr_text: string;
  }
  const verified = async (who: TestPerson, args: readonly string[]): Promise<Shown> =>
    JSON.parse((await who.run(['verify', '--json', ...args])).out) as Shown;

  beforeAll(async () => {
    const both = await town();
    ({ alice, bob } = both);
    await befriend(both);
  }, 60_000);

  it('is a number both see, which verifies when it is compared', async () => {
    const [mine, theirs] = [await verified(alice!, ['bob']), await verified(bob!, ['alice'])];
    expect(mine.safety_number).toMatch(/^\d{60}$/u);
    expect(theirs.safety_number).toBe(mine.safety_number);
    expect(mine.state).toBe('not-verified');
    expect((await verified(alice!, ['bob', '--compare', theirs.qr_text])).state).toBe('verified');
    expect((await verified(alice!, ['bob'])).state).toBe('verified');
    expect((await verified(alice!, ['bob', '--mismatch'])).state).toBe('not-verified');
    const digits = theirs.safety_number.replaceAll(/.{5}/gu, '$& ');
    expect((await verified(alice!, ['bob', '--compare', digits])).state).toBe('verified');
    const other = await alice!.run(['verify', 'bob', '--compare', mine.qr_text]);
    expect(other).toMatchObject({ exitCode: EXIT.refused, out: '' });
    expect(other.err).toContain('not verified');
    expect((await verified(alice!, ['bob'])).state).toBe('not-verified');
    expect(await alice!.run(['verify', 'bob', '--compare', '12'])).toMatchObject({
      exitCode: EXIT.misused,
    });
  });

  it('is marked by a person only who is shown the number and says yes', async () => {
    expect(await alice!.run(['verify', 'bob', '--matches'])).toMatchObject({
      exitCode: EXIT.misused,
    });
    const terminal = { onTerminal: true };
    const no = await alice!.run(['verify', 'bob', '--matches'], 'no\n', terminal);
    expect(no).toMatchObject({ exitCode: EXIT.misused });
    expect((await verified(alice!, ['bob'])).state).toBe('not-verified');
    const yes = await alice!.run(['verify', 'bob', '--matches'], 'yes\n', terminal);
    expect(yes.out).toContain('bob is verified.');
    expect(yes.err).toMatch(/(?:\d{5} ){3}\d{5}/u);
  });

  it('is a profile, of which each field is shared on its own', async () => {
    const set = ['profile', '--json', '--set', 'firstname=Bob', '--set', 'bio=A = B\nand more'];
    const own = { username: 'bob', firstName: 'Bob', bio: 'A = B\nand more' };
    expect(lines((await bob!.run(set)).out)).toEqual([own]);
    expect(lines((await bob!.run(['profile', '--json'])).out)).toEqual([own]);
    expect(lines((await alice!.run(['profile', '--json', 'bob'])).out)).toEqual([
      { username: 'bob' },
    ]);
    await bob!.run(['share', '.profile/firstname', '--with', 'followers']);
    expect(lines((await alice!.run(['profile', '--json', 'bob'])).out)).toEqual([
      { username: 'bob', firstName: 'Bob' },
    ]);
    expect((await bob!.run(['profile', '--set', 'bio='])).out).toBe('firstName  Bob\n');
  });

  it('has a website, which is a folder, until that is ended', async () => {
    expect((await bob!.run(['site', 'show'])).out).toBe('There is no website.\n');
    await bob!.run(['mkdir', 'www']);
    expect(await bob!.run(['site', 'publish', 'www'])).toMatchObject({ exitCode: 0, err: '' });
    expect(lines((await bob!.run(['site', 'show', '--json'])).out)).toEqual([
      { folder: '/bob/www', public: true },
    ]);
    expect((await bob!.run(['site', 'unpublish'])).out).toBe('There is no website.\n');
    for (const words of [['publish'], ['publish', 'a', 'b'], ['show', 'www'], ['sell']]) {
      expect(await bob!.run(['site', ...words])).toMatchObject({ exitCode: EXIT.misused });
    }
    expect(await bob!.run(['site', 'publish', '/'])).toMatchObject({ exitCode: EXIT.refused });
  });

  it('is no profile of strangers, nor with fields or pictures that are none', async () => {
    writeFileSync(join(bob!.folder, 'photo'), 'no picture');
    expect(await bob!.run(['profile', 'carol'])).toMatchObject({ exitCode: EXIT.notFound });
    for (const text of ['height=1', 'bio', 'photo=photo', 'webroot=/alice/x']) {
      expect(await bob!.run(['profile', '--set', text])).toMatchObject({ exitCode: EXIT.misused });
    }
    expect(await bob!.run(['profile', '--set', 'photo=none'])).toMatchObject({
      exitCode: EXIT.notFound,
    });
    expect(await bob!.run(['profile', 'alice', '--set', 'bio=x'])).toMatchObject({
      exitCode: EXIT.misused,
    });
  });
});
