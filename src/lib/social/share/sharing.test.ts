import { describe, expect, it } from 'vitest';
import { bytesSource } from '#lib/drive/index.ts';
import { utf8 } from '#lib/bytes/index.ts';
import {
  person,
  FRIENDS,
  openPathOf,
  befriend,
  createTown,
  putText,
  seen,
  settle,
  textOf,
  type TestPerson,
} from '../testing.ts';

async function friends() {
  const town = createTown();
  const [alice, bob, carol] = [
    await settle(town, 'alice'),
    await settle(town, 'bob'),
    await settle(town, 'carol'),
  ];
  await befriend(alice, bob);
  await befriend(alice, carol);
  await putText(alice, ['docs', 'plan.txt'], 'the plan');
  await putText(alice, ['docs', 'inner', 'deep.txt'], 'deep');
  await putText(alice, ['secret.txt'], 'not for you');
  return { alice, bob, carol };
}

/** What a device that knows nothing sees of alice's tree. */
const fresh = (who: TestPerson) => seen(who.another(), 'alice');

describe('sharing to read', () => {
  it('shows a file to whom it was given, and nothing else to anybody', async () => {
    const { alice, bob, carol } = await friends();
    await alice.sharing.share([['alice', 'docs', 'plan.txt']], [person('bob')], 'read');
    expect(await fresh(bob)).toEqual({ docs: '/', 'docs/plan.txt': 'the plan' });
    expect(await fresh(carol)).toEqual({});
  });

  it('shows a folder with all below it, and what comes into it later', async () => {
    const { alice, bob } = await friends();
    await alice.sharing.share([['alice', 'docs']], [person('bob')], 'read');
    const before = {
      docs: '/',
      'docs/inner': '/',
      'docs/inner/deep.txt': 'deep',
      'docs/plan.txt': 'the plan',
    };
    expect(await fresh(bob)).toEqual(before);
    await putText(alice, ['docs', 'later.txt'], 'later');
    expect(await fresh(bob)).toEqual({ ...before, 'docs/later.txt': 'later' });
  });

  it('reaches the members of a group, those who join it later too', async () => {
    const town = createTown();
    const [alice, bob, dave] = [
      await settle(town, 'alice'),
      await settle(town, 'bob'),
      await settle(town, 'dave'),
    ];
    await befriend(alice, bob);
    await putText(alice, ['song.txt'], 'la la');
    await alice.sharing.share([['alice', 'song.txt']], [FRIENDS], 'read');
    expect(await fresh(bob)).toEqual({ 'song.txt': 'la la' });
    await befriend(dave, alice);
    expect(await fresh(dave)).toEqual({ 'song.txt': 'la la' });
  });

  it('is noted with whom, and by what', async () => {
    const { alice } = await friends();
    await alice.sharing.share([['alice', 'docs']], [person('bob'), person('carol')], 'read');
    const all = await alice.another().sharing.all();
    const docs = all.find(({ path }) => path.join('/') === 'alice/docs');
    expect([...(docs?.shares.read ?? [])].sort()).toEqual(['bob', 'carol']);
  });

  it.each([
    [['alice'], 'bob', 'ShareRefused'],
    [['alice', 'docs'], 'mallory', 'UnknownRecipient'],
    [['alice', 'nothing'], 'bob', 'PathNotFound'],
    [['bob', 'docs'], 'bob', 'PathNotFound'],
  ])('of %j with %s is refused as %s', async (path, username, name) => {
    const { alice } = await friends();
    const share = alice.sharing.share([path], [person(username)], 'read');
    await expect(share).rejects.toMatchObject({ name });
  });
});

describe('taking back the right to read', () => {
  it('opens nothing any more to whom it was taken from, and all to the others', async () => {
    const { alice, bob, carol } = await friends();
    await alice.sharing.share([['alice', 'docs']], [person('bob'), person('carol')], 'read');
    await bob.mount();
    const held = await openPathOf(bob, ['alice', 'docs', 'plan.txt']);
    expect(await textOf(bob.drive, held)).toBe('the plan');
    await alice.sharing.unshare(['alice', 'docs'], [person('bob')], 'read');
    expect(await fresh(bob)).toEqual({});
    expect(await seen(bob, 'alice')).toEqual({});
    await expect(textOf(bob.another().drive, held)).rejects.toMatchObject({
      name: 'DanglingEntry',
    });
    expect(await fresh(carol)).toMatchObject({ 'docs/plan.txt': 'the plan' });
    expect(await seen(alice, 'alice')).toMatchObject({ 'docs/plan.txt': 'the plan' });
  });

  it('keeps what was shared below', async () => {
    const { alice, bob, carol } = await friends();
    await alice.sharing.share([['alice', 'docs']], [person('bob')], 'read');
    await alice.sharing.share([['alice', 'docs', 'inner']], [person('carol')], 'read');
    await alice.sharing.unshare(['alice', 'docs'], [person('bob')], 'read');
    expect(await fresh(carol)).toEqual({
      docs: '/',
      'docs/inner': '/',
      'docs/inner/deep.txt': 'deep',
    });
    expect(await fresh(bob)).toEqual({});
  });
});

describe('sharing to write', () => {
  it('lets a friend change what is in a folder, and nothing beside it', async () => {
    const { alice, bob } = await friends();
    await alice.sharing.share([['alice', 'docs']], [person('bob')], 'write');
    await bob.mount();
    const docs = await openPathOf(bob, ['alice', 'docs']);
    const source = bytesSource(utf8('from bob'));
    await bob.drive.upload(docs, [{ path: ['hello.txt'], source }]);
    await bob.drive.append(
      await openPathOf(bob, ['alice', 'docs', 'plan.txt']),
      bytesSource(utf8('!')),
    );
    expect(await seen(alice.another(), 'alice')).toMatchObject({
      'docs/hello.txt': 'from bob',
      'docs/plan.txt': 'the plan!',
      'secret.txt': 'not for you',
    });
  });

  it('ends when it is taken back, for whatever was held', async () => {
    const { alice, bob, carol } = await friends();
    await alice.sharing.share([['alice', 'docs']], [person('bob'), person('carol')], 'write');
    await bob.mount();
    const docs = await openPathOf(bob, ['alice', 'docs']);
    await alice.sharing.unshare(['alice', 'docs'], [person('bob')], 'write');
    const source = bytesSource(utf8('from bob'));
    await expect(bob.drive.upload(docs, [{ path: ['hello.txt'], source }])).rejects.toThrow();
    expect(await fresh(bob)).toEqual({});
    await carol.mount();
    const again = await openPathOf(carol, ['alice', 'docs']);
    await carol.drive.upload(again, [{ path: ['carol.txt'], source: bytesSource(utf8('hi')) }]);
    expect(await seen(alice.another(), 'alice')).toMatchObject({ 'docs/carol.txt': 'hi' });
    expect(await seen(alice.another(), 'alice')).not.toHaveProperty(['docs/hello.txt']);
  });
});

describe('what is shared', () => {
  const access = async (who: TestPerson) =>
    (await who.another().sharing.all())
      .filter(({ path }) => !path.includes('shared'))
      .map(({ path, shares }) => [path.join('/'), [...shares.read].sort()]);

  async function rowOf({ drive }: TestPerson, path: readonly string[]) {
    const folder = await drive.resolve(path.slice(0, -1));
    return { folder, row: (await drive.find(folder, path.at(-1)!))! };
  }

  it('stays shared under its new name, and where it is moved', async () => {
    const { alice, bob } = await friends();
    await alice.sharing.share([['alice', 'docs', 'plan.txt']], [person('bob')], 'read');
    const { folder, row } = await rowOf(alice, ['docs', 'plan.txt']);
    await alice.drive.rename(folder, row, 'new plan.txt');
    expect(await access(alice)).toEqual([['alice/docs/new plan.txt', ['bob']]]);
    const renamed = await rowOf(alice, ['docs', 'new plan.txt']);
    const inner = await alice.drive.resolve(['docs', 'inner']);
    await alice.drive.move(renamed.folder, [renamed.row], inner);
    expect(await access(alice)).toEqual([['alice/docs/inner/new plan.txt', ['bob']]]);
    const path = ['alice', 'docs', 'inner', 'new plan.txt'];
    await alice.sharing.unshare(path, [person('bob')], 'read');
    expect(await access(alice)).toEqual([]);
    expect(await fresh(bob)).toEqual({});
  });

  it('goes along with the folder it is in, and ends with it', async () => {
    const { alice, bob } = await friends();
    await alice.sharing.share([['alice', 'docs', 'plan.txt']], [person('bob')], 'read');
    const docs = await rowOf(alice, ['docs']);
    await alice.drive.rename(docs.folder, docs.row, 'papers');
    expect(await access(alice)).toEqual([['alice/papers/plan.txt', ['bob']]]);
    const papers = await rowOf(alice, ['papers']);
    await alice.drive.remove(papers.folder, [papers.row]);
    expect(await access(alice)).toEqual([]);
    expect(await fresh(bob)).toEqual({});
  });
});

describe('removing a follower', () => {
  it('takes back all he was given, by name and by a group, and leaves it to the others', async () => {
    const { alice, bob, carol } = await friends();
    await alice.sharing.share([['alice', 'docs']], [person('bob'), person('carol')], 'write');
    await alice.sharing.share([['alice', 'secret.txt']], [FRIENDS], 'read');
    await bob.mount();
    const held = await openPathOf(bob, ['alice', 'secret.txt']);
    const before = {
      docs: '/',
      'docs/inner': '/',
      'docs/inner/deep.txt': 'deep',
      'docs/plan.txt': 'the plan',
      'secret.txt': 'not for you',
    };
    expect(await fresh(bob)).toEqual(before);
    await alice.follow.removeFollower('bob');
    expect(await alice.another().follow.people()).toMatchObject({
      followers: ['carol'],
      friends: ['carol'],
    });
    expect(await fresh(carol)).toEqual(before);
    expect(await seen(alice.another(), 'alice')).toEqual(before);
    await expect(textOf(bob.another().drive, held)).rejects.toMatchObject({
      name: 'DanglingEntry',
    });
    await expect(fresh(bob)).rejects.toMatchObject({ name: 'FriendGone' });
  });
});
