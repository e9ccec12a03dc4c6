/** What is shared keeps who has access when it is moved, into another writing space too (A-9 §7). */
import { describe, expect, it } from 'vitest';
import { bytesSource, childIn, removeIn, type Handle } from '#lib/drive/index.ts';
import { withoutBlocks } from '#lib/drive/testing.ts';
import { utf8 } from '#lib/bytes/index.ts';
import { visit } from '../links/testing.ts';
import {
  person,
  openPathOf,
  befriend,
  createTown,
  putText,
  seen,
  settle,
  textOf,
  type TestPerson,
} from '../testing.ts';

/** Alice and her friends Bob and Carol. Carol may write to “team”, which has its own writing space. */
async function withTeam() {
  const town = createTown();
  const [alice, bob, carol] = [
    await settle(town, 'alice'),
    await settle(town, 'bob'),
    await settle(town, 'carol'),
  ];
  await befriend(alice, bob);
  await befriend(alice, carol);
  await putText(alice, ['team', 'note.txt'], 'note');
  await putText(alice, ['docs', 'plan.txt'], 'plan');
  await putText(alice, ['docs', 'box', 'deep.txt'], 'deep');
  await alice.sharing.share([['alice', 'team']], [person('carol')], 'write');
  return { town, alice, bob, carol };
}

/** What a device that knows nothing but what is stored sees of Alice's tree. */
const fresh = (who: TestPerson) => seen(who.another(), 'alice');

async function move(who: TestPerson, path: string, to: string): Promise<void> {
  const { drive } = who;
  const names = path.split('/');
  const folder = await drive.resolve(names.slice(0, -1));
  const row = (await drive.find(folder, names.at(-1)!))!;
  await drive.move(folder, [row], await drive.resolve(to === '' ? [] : to.split('/')));
}

const noted = async (who: TestPerson) =>
  (await who.another().sharing.all())
    .filter(({ path }) => path[1] !== 'shared')
    .map(({ path, shares: { read, write, links } }) =>
      [path.slice(1).join('/'), [...read].join(), [...write].join(), links.length].join(' '),
    )
    .sort();

/** What somebody holds of a file of Alice's tree. */
async function held(who: TestPerson, path: string): Promise<Handle> {
  await who.mount();
  return openPathOf(who, ['alice', ...path.split('/')]);
}

const reads = (who: TestPerson, file: Handle): Promise<string> => textOf(who.another().drive, file);

describe('moving into another writing space', () => {
  it('keeps who may read an item, by name and by links, and who may write to it', async () => {
    const { town, alice, bob, carol } = await withTeam();
    await alice.sharing.share([['alice', 'docs', 'plan.txt']], [person('bob')], 'read');
    await alice.sharing.share([['alice', 'docs', 'box']], [person('bob')], 'write');
    const links = [
      await alice.links.create(['alice', 'docs', 'plan.txt'], false),
      await alice.links.create(['alice', 'docs', 'box'], true),
    ].map((link) => alice.links.addressOf(link));
    for (const [from, to] of [
      ['docs', 'team'],
      ['team/docs', ''],
    ]) {
      await move(alice.another(), from!, to!);
      const at = to === '' ? 'docs' : `${to}/docs`;
      const above = to === '' ? {} : { [to!]: '/' };
      expect(await fresh(bob)).toEqual({
        ...above,
        [at]: '/',
        [`${at}/plan.txt`]: 'plan',
        [`${at}/box`]: '/',
        [`${at}/box/deep.txt`]: 'deep',
      });
      expect(await noted(alice)).toEqual(
        [`${at}/box  bob 1`, `${at}/plan.txt bob  1`, 'team  carol 0'].sort(),
      );
    }
    expect(await visit(town, links[0]!)).toBe('plan');
    expect(await visit(town, links[1]!)).toEqual({ 'deep.txt': 'deep' });
    expect(await fresh(carol)).toEqual({ team: '/', 'team/note.txt': 'note' });
    const device = bob.another();
    await device.drive.append(await held(device, 'docs/box/deep.txt'), bytesSource(utf8('er')));
    expect(await fresh(alice)).toMatchObject({ 'docs/box/deep.txt': 'deeper' });
  });

  it('ends the access that came from the folder alone, to read and to write', async () => {
    const { alice, bob, carol } = await withTeam();
    await alice.sharing.share([['alice', 'team', 'note.txt']], [person('bob')], 'read');
    const [ofCarol, ofBob] = [await held(carol, 'team/note.txt'), await held(bob, 'team/note.txt')];
    await move(alice, 'team/note.txt', 'docs');
    await expect(reads(carol, ofCarol)).rejects.toMatchObject({ name: 'DanglingEntry' });
    await expect(reads(bob, ofBob)).rejects.toMatchObject({ name: 'DanglingEntry' });
    expect(await fresh(carol)).toEqual({ team: '/' });
    expect(await fresh(bob)).toEqual({ docs: '/', 'docs/note.txt': 'note' });
  });

  it('is not stopped by a note of somebody who has no folder any more', async () => {
    const { alice, bob, carol } = await withTeam();
    await alice.sharing.share([['alice', 'docs']], [person('bob'), person('carol')], 'read');
    await alice.drive.change(async (change, home) => {
      await removeIn(change, (await childIn(change, home, 'shared'))!, 'bob');
    });
    await move(alice, 'docs', 'team');
    expect(await fresh(carol)).toMatchObject({ 'team/docs/plan.txt': 'plan' });
    await expect(fresh(bob)).rejects.toMatchObject({ name: 'FriendGone' });
  });

  it('brings what is moved to those the folder is shared with', async () => {
    const { alice, carol } = await withTeam();
    await move(alice, 'docs/box', 'team');
    expect(await fresh(carol)).toEqual({
      team: '/',
      'team/note.txt': 'note',
      'team/box': '/',
      'team/box/deep.txt': 'deep',
    });
    const device = carol.another();
    await device.drive.append(await held(device, 'team/box/deep.txt'), bytesSource(utf8('!')));
    expect(await fresh(alice)).toMatchObject({ 'team/box/deep.txt': 'deep!' });
  });

  it('replaces a shared file with all that was noted of it', async () => {
    const { town, alice, bob } = await withTeam();
    await putText(alice, ['team', 'plan.txt'], 'another plan');
    await alice.sharing.share([['alice', 'team', 'plan.txt']], [person('bob')], 'read');
    const link = await alice.links.create(['alice', 'team', 'plan.txt'], false);
    const docs = await alice.drive.resolve(['docs']);
    const row = (await alice.drive.find(docs, 'plan.txt'))!;
    const team = await alice.drive.resolve(['team']);
    await alice.drive.move(docs, [row], team, { onConflict: 'replace' });
    expect(await fresh(alice)).toMatchObject({ 'team/plan.txt': 'plan' });
    expect(await noted(alice)).toEqual(['team  carol 0']);
    expect(await fresh(bob)).toEqual({});
    await expect(visit(town, alice.links.addressOf(link))).rejects.toMatchObject({
      name: 'LinkRemoved',
    });
  });
});

describe('moving out of a folder that is shared to read', () => {
  it('ends the access that came from the folder, in the same writing space too', async () => {
    const { town, alice, bob } = await withTeam();
    await alice.sharing.share([['alice', 'docs']], [person('bob')], 'read');
    const link = await alice.links.create(['alice', 'docs', 'box'], false);
    const file = await held(bob, 'docs/box/deep.txt');
    await move(alice, 'docs/box', '');
    await expect(reads(bob, file)).rejects.toMatchObject({ name: 'DanglingEntry' });
    expect(await fresh(bob)).toEqual({ docs: '/', 'docs/plan.txt': 'plan' });
    expect(await visit(town, alice.links.addressOf(link))).toEqual({ 'deep.txt': 'deep' });
  });

  it('moves what is damaged all the same', async () => {
    const { town, alice, bob } = await withTeam();
    await alice.sharing.share([['alice', 'docs']], [person('bob')], 'read');
    const { node: lost } = await alice.drive.resolve(['docs', 'box', 'deep.txt']);
    const device = alice.onNode(withoutBlocks(town.node, [lost.cid]) as typeof town.node);
    await move(device, 'docs/box', '');
    expect(await fresh(alice)).toMatchObject({ box: '/', 'box/deep.txt': 'deep' });
    expect(await fresh(bob)).toEqual({ docs: '/', 'docs/plan.txt': 'plan' });
  });

  it('keeps all keys where nobody loses access', async () => {
    const { alice, bob } = await withTeam();
    await alice.sharing.share([['alice', 'docs']], [person('bob')], 'read');
    const file = await held(bob, 'docs/plan.txt');
    await move(alice, 'docs/plan.txt', 'docs/box');
    expect(await reads(bob, file)).toBe('plan');
  });

  it('ends what was public because of the folder', async () => {
    const { alice } = await withTeam();
    await alice.publicFiles.publish(['alice', 'docs']);
    const before = await alice.drive.resolve(['docs', 'plan.txt']);
    await move(alice, 'docs/plan.txt', '');
    const after = await alice.drive.resolve(['plan.txt']);
    expect(after.capability.mapKey).not.toEqual(before.capability.mapKey);
  });
});

describe('the trash', () => {
  it.each(['docs/plan.txt', 'team/note.txt'])(
    'keeps who has access to %s, and gives it back in its place',
    async (path) => {
      const { town, alice, bob } = await withTeam();
      await alice.sharing.share([['alice', ...path.split('/')]], [person('bob')], 'read');
      const link = await alice.links.create(['alice', ...path.split('/')], false);
      const before = await fresh(bob);
      await alice.drive.makeSystemFolders([['.trash']]);
      const [folder, name] = path.split('/') as [string, string];
      await move(alice, path, '.trash');
      expect(await noted(alice)).toContain(`.trash/${name} bob  1`);
      expect(await visit(town, alice.links.addressOf(link))).toBe(Object.values(before).at(-1));
      expect(await fresh(bob)).toEqual({});
      const thrown = await held(bob.another(), `.trash/${name}`);
      expect(await reads(bob, thrown)).toBe(Object.values(before).at(-1));
      await move(alice, `.trash/${name}`, folder);
      expect(await fresh(bob)).toEqual(before);
      expect(await noted(alice)).toContain(`${path} bob  1`);
      const trash = await alice.drive.resolve([folder]);
      await alice.drive.remove(trash, [(await alice.drive.find(trash, name))!]);
      await expect(visit(town, alice.links.addressOf(link))).rejects.toMatchObject({
        name: 'LinkRemoved',
      });
    },
  );
});
