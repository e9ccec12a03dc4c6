/** Leaving what somebody shared with us: it is not shown any more, until it is shared again. */
import { describe, expect, it } from 'vitest';
import type { Handle } from '#lib/drive/index.ts';
import { befriend, createTown, putText, seen, settle, type TestPerson } from '../testing.ts';
import { comeBack, leave } from './leave.ts';
import type { Recipient } from './sharing.ts';

const BOB: Recipient = { kind: 'person', username: 'bob' };
const FRIENDS: Recipient = { kind: 'group', name: 'friends' };

async function friends() {
  const town = createTown();
  const [alice, bob] = [await settle(town, 'alice'), await settle(town, 'bob')];
  await befriend(alice, bob);
  await putText(alice, ['docs', 'plan.txt'], 'the plan');
  await putText(alice, ['docs', 'inner', 'deep.txt'], 'deep');
  await putText(alice, ['song.txt'], 'la la');
  return { alice, bob };
}

/** What a device that knows nothing but what is stored sees of alice's tree. */
const fresh = (who: TestPerson) => seen(who.another(), 'alice');

/** Leaves an entry of a friend's tree, as a device that has just begun. */
async function leaves(who: TestPerson, path: readonly string[]) {
  const device = who.another();
  await device.mount();
  const { drive } = device;
  let folder: Handle = await drive.roots.open(path[0]!);
  for (const name of path.slice(1, -1)) {
    folder = await drive.open(folder, (await drive.find(folder, name))!);
  }
  const row = (await drive.find(folder, path.at(-1)!))!;
  const given = await leave(folder, [row]);
  return { undo: () => comeBack(who.another().deps, given) };
}

describe('leaving', () => {
  it.each(['read', 'write'] as const)(
    'hides what was shared to %s, and nothing else',
    async (right) => {
      const { alice, bob } = await friends();
      await alice.sharing.share(
        [
          ['alice', 'song.txt'],
          ['alice', 'docs', 'plan.txt'],
        ],
        [BOB],
        right,
      );
      await leaves(bob, ['alice', 'song.txt']);
      expect(await fresh(bob)).toEqual({ docs: '/', 'docs/plan.txt': 'the plan' });
    },
  );

  it('lasts when other things come, and ends when it is shared again', async () => {
    const { alice, bob } = await friends();
    await alice.sharing.share([['alice', 'song.txt']], [BOB], 'read');
    await leaves(bob, ['alice', 'song.txt']);
    expect(await fresh(bob)).toEqual({});
    await alice.sharing.share([['alice', 'docs', 'plan.txt']], [BOB], 'read');
    expect(await fresh(bob)).toEqual({ docs: '/', 'docs/plan.txt': 'the plan' });
    await alice.sharing.share([['alice', 'song.txt']], [BOB], 'read');
    expect(await fresh(bob)).toEqual({
      docs: '/',
      'docs/plan.txt': 'the plan',
      'song.txt': 'la la',
    });
  });

  it('lasts for what came by a group', async () => {
    const { alice, bob } = await friends();
    await alice.sharing.share([['alice', 'song.txt']], [FRIENDS], 'read');
    expect(await fresh(bob)).toEqual({ 'song.txt': 'la la' });
    await leaves(bob, ['alice', 'song.txt']);
    await alice.sharing.share([['alice', 'docs', 'plan.txt']], [FRIENDS], 'read');
    expect(await fresh(bob)).toEqual({ docs: '/', 'docs/plan.txt': 'the plan' });
  });

  it('of a folder takes what was shared below it by itself along', async () => {
    const { alice, bob } = await friends();
    await alice.sharing.share([['alice', 'docs', 'inner']], [BOB], 'write');
    await alice.sharing.share([['alice', 'docs']], [BOB], 'read');
    await leaves(bob, ['alice', 'docs']);
    expect(await fresh(bob)).toEqual({});
  });

  it('of a folder that only leads to something takes all that lies below it', async () => {
    const { alice, bob } = await friends();
    await alice.sharing.share([['alice', 'docs', 'plan.txt']], [BOB], 'read');
    await alice.sharing.share([['alice', 'song.txt']], [BOB], 'read');
    await leaves(bob, ['alice', 'docs']);
    expect(await fresh(bob)).toEqual({ 'song.txt': 'la la' });
  });

  it('is undone, with what was shared below it by itself', async () => {
    const { alice, bob } = await friends();
    await alice.sharing.share([['alice', 'docs', 'inner']], [BOB], 'write');
    await alice.sharing.share(
      [
        ['alice', 'docs'],
        ['alice', 'song.txt'],
      ],
      [BOB],
      'read',
    );
    const before = await fresh(bob);
    const docs = await leaves(bob, ['alice', 'docs']);
    const song = await leaves(bob, ['alice', 'song.txt']);
    expect(await fresh(bob)).toEqual({});
    await docs.undo();
    await song.undo();
    expect(await fresh(bob)).toEqual(before);
    const device = bob.another();
    await device.mount();
    let handle = await device.drive.roots.open('alice');
    for (const name of ['docs', 'inner']) {
      handle = await device.drive.open(handle, (await device.drive.find(handle, name))!);
    }
    expect(handle.signer).toBeDefined();
  });

  it('when it is undone brings no former keys back after it was shared again', async () => {
    const { alice, bob } = await friends();
    await alice.sharing.share([['alice', 'song.txt']], [BOB], 'read');
    const { undo } = await leaves(bob, ['alice', 'song.txt']);
    await alice.sharing.unshare(['alice', 'song.txt'], [BOB], 'read');
    await alice.sharing.share([['alice', 'song.txt']], [BOB], 'read');
    expect(await fresh(bob)).toEqual({ 'song.txt': 'la la' });
    await undo();
    expect(await fresh(bob)).toEqual({ 'song.txt': 'la la' });
  });

  it('finds what its owner calls otherwise by now', async () => {
    const { alice, bob } = await friends();
    await alice.sharing.share([['alice', 'song.txt']], [BOB], 'read');
    expect(await fresh(bob)).toEqual({ 'song.txt': 'la la' });
    const home = await alice.drive.home();
    await alice.drive.rename(home, (await alice.drive.find(home, 'song.txt'))!, 'tune.txt');
    expect(await fresh(bob)).toEqual({ 'tune.txt': 'la la' });
    await leaves(bob, ['alice', 'tune.txt']);
    expect(await fresh(bob)).toEqual({});
  });

  it('is refused for what lies in a shared folder, and in the own tree', async () => {
    const { alice, bob } = await friends();
    await alice.sharing.share([['alice', 'docs']], [BOB], 'read');
    const refused = { name: 'ShareRefused' };
    await expect(leaves(bob, ['alice', 'docs', 'plan.txt'])).rejects.toMatchObject(refused);
    await expect(leaves(alice, ['alice', 'song.txt'])).rejects.toMatchObject(refused);
    expect(await fresh(bob)).toHaveProperty('docs/plan.txt');
  });
});
