/** Handing on what somebody else shared with us, to read (C-2 §2.1), and how that ends. */
import { describe, expect, it } from 'vitest';
import { bytesSource } from '#lib/drive/index.ts';
import { utf8 } from '#lib/bytes/index.ts';
import { readOnly } from '#lib/cryptree/index.ts';
import {
  person,
  FRIENDS,
  befriend,
  createTown,
  putText,
  seen,
  settle,
  type TestPerson,
} from '../testing.ts';
import { readMirror } from './mirror-reading.ts';
import { mirror, unmirror } from './mirror.ts';
import type { Recipient } from './sharing.ts';

const PLAN = ['alice', 'docs', 'plan.txt'];

/** Alice and bob are friends, and bob and dave; dave and alice do not know each other. */
async function threeInARow() {
  const town = createTown();
  const [alice, bob, dave] = [
    await settle(town, 'alice'),
    await settle(town, 'bob'),
    await settle(town, 'dave'),
  ];
  await befriend(alice, bob);
  await befriend(bob, dave);
  await putText(alice, ['docs', 'plan.txt'], 'the plan');
  await putText(alice, ['docs', 'inner', 'deep.txt'], 'deep');
  await putText(alice, ['secret.txt'], 'not for you');
  return { town, alice, bob, dave };
}

/** What a device that knows nothing but what is stored sees of a tree. */
const fresh = (who: TestPerson, root = 'alice') => seen(who.another(), root);

async function handsOn(
  who: TestPerson,
  path: readonly string[],
  to: readonly Recipient[] = [person('dave')],
): Promise<void> {
  const device = who.another();
  await device.mount();
  await device.sharing.share([path], to, 'read');
}

/** What somebody noted as shared, without what groups work with. */
const noted = async (who: TestPerson) =>
  (await who.another().sharing.all())
    .filter(({ path }) => path[1] !== 'shared')
    .map(({ path, shares }) => [path.join('/'), [...shares.read], [...shares.write]]);

describe('handing on', () => {
  it.each(['read', 'write'] as const)(
    'shows what was shared to %s to a friend who does not follow its owner, to read',
    async (right) => {
      const { alice, bob, dave } = await threeInARow();
      await alice.sharing.share([PLAN], [person('bob')], right);
      await handsOn(bob, PLAN);
      expect(await fresh(dave)).toEqual({ docs: '/', 'docs/plan.txt': 'the plan' });
      const device = dave.another();
      await device.mount();
      const top = await device.drive.roots.open('alice');
      const docs = await device.drive.open(top, (await device.drive.find(top, 'docs'))!);
      const plan = await device.drive.open(docs, (await device.drive.find(docs, 'plan.txt'))!);
      expect(plan.signer).toBeUndefined();
      expect(plan.capability.writeKey).toBeUndefined();
      await expect(device.drive.append(plan, bytesSource(utf8('!')))).rejects.toThrow();
    },
  );

  it('is noted under its owner’s path, and in the notes of nobody else', async () => {
    const { alice, bob } = await threeInARow();
    await alice.sharing.share([PLAN], [person('bob')], 'read');
    await handsOn(bob, PLAN);
    expect(await noted(bob)).toEqual([['alice/docs/plan.txt', ['dave'], []]]);
    expect(await noted(alice)).toEqual([['alice/docs/plan.txt', ['bob'], []]]);
  });

  it('takes a folder with all below it, or a part of a folder', async () => {
    const { alice, bob, dave } = await threeInARow();
    await alice.sharing.share([['alice', 'docs']], [person('bob')], 'read');
    await handsOn(bob, ['alice', 'docs', 'inner'], [FRIENDS]);
    expect(await fresh(dave)).toEqual({
      docs: '/',
      'docs/inner': '/',
      'docs/inner/deep.txt': 'deep',
    });
    await handsOn(bob, ['alice', 'docs']);
    expect(await fresh(dave)).toEqual({
      docs: '/',
      'docs/inner': '/',
      'docs/inner/deep.txt': 'deep',
      'docs/plan.txt': 'the plan',
    });
  });

  it('joins what the owner shares with the same person', async () => {
    const { alice, bob, dave } = await threeInARow();
    await befriend(alice, dave);
    await alice.sharing.share([PLAN, ['alice', 'secret.txt']], [person('bob')], 'read');
    await alice.sharing.share([PLAN], [person('dave')], 'write');
    await handsOn(bob, ['alice', 'secret.txt']);
    await handsOn(bob, PLAN);
    expect(await fresh(dave)).toEqual({
      docs: '/',
      'docs/plan.txt': 'the plan',
      'secret.txt': 'not for you',
    });
    await dave.mount();
    const top = await dave.drive.roots.open('alice');
    const docs = await dave.drive.open(top, (await dave.drive.find(top, 'docs'))!);
    const plan = await dave.drive.open(docs, (await dave.drive.find(docs, 'plan.txt'))!);
    await dave.drive.append(plan, bytesSource(utf8('!')));
    expect(await fresh(alice)).toMatchObject({ 'docs/plan.txt': 'the plan!' });
  });

  it('puts nothing else in the place of what the owner gave, while that opens', async () => {
    const { alice, dave } = await threeInARow();
    const home = await alice.drive.home();
    const secret = await alice.drive.open(home, (await alice.drive.find(home, 'secret.txt'))!);
    const docs = await alice.drive.resolve(['docs']);
    const plan = await alice.drive.open(docs, (await alice.drive.find(docs, 'plan.txt'))!);
    const fromAlice = { path: PLAN, capability: readOnly(plan.capability), sharer: 'alice' };
    const fromBob = { path: PLAN, capability: readOnly(secret.capability), sharer: 'bob' };
    for (const [opens, expected] of [
      [true, 'alice'],
      [false, 'bob'],
    ] as const) {
      await dave.drive.change(async (change, top) => {
        await unmirror(change, top, PLAN);
        await mirror(change, top, [fromAlice, fromBob], () => Promise.resolve(opens));
      });
      const { items } = await readMirror(dave.another().drive, ['alice', 'docs']);
      expect(items.map(({ sharers }) => sharers)).toEqual([[expected]]);
    }
  });

  it('goes on from one to the next', async () => {
    const { town, alice, bob, dave } = await threeInARow();
    const erin = await settle(town, 'erin');
    await befriend(dave, erin);
    await alice.sharing.share([PLAN], [person('bob')], 'read');
    await handsOn(bob, PLAN);
    await handsOn(dave, PLAN, [person('erin')]);
    expect(await fresh(erin)).toEqual({ docs: '/', 'docs/plan.txt': 'the plan' });
  });

  it.each<[string, string[], Recipient, 'read' | 'write', string]>([
    ['to write', PLAN, person('dave'), 'write', 'ShareRefused'],
    ['of a whole drive', ['alice'], person('dave'), 'read', 'ShareRefused'],
    ['of a folder on the way', ['alice', 'docs'], person('dave'), 'read', 'ShareRefused'],
    ['to its owner', PLAN, person('alice'), 'read', 'ShareRefused'],
    ['to somebody who does not follow', PLAN, person('carol'), 'read', 'UnknownRecipient'],
    ['of what is not shared', ['alice', 'secret.txt'], person('dave'), 'read', 'PathNotFound'],
    ['from the tree of a stranger', ['carol', 'x'], person('dave'), 'read', 'PathNotFound'],
  ])('%s is refused', async (_what, path, to, right, name) => {
    const { alice, bob, dave } = await threeInARow();
    await alice.sharing.share([PLAN], [person('bob')], 'read');
    await bob.mount();
    await expect(bob.sharing.share([path], [to], right)).rejects.toMatchObject({ name });
    expect(await noted(bob)).toEqual([]);
    await expect(fresh(dave)).rejects.toMatchObject({ name: 'PathNotFound' });
  });
});

describe('what was handed on', () => {
  it('opens nothing any more once its owner takes it back from who handed it on', async () => {
    const { alice, bob, dave } = await threeInARow();
    await alice.sharing.share([PLAN], [person('bob')], 'read');
    await handsOn(bob, PLAN);
    await dave.mount();
    const top = await dave.drive.roots.open('alice');
    const docs = await dave.drive.open(top, (await dave.drive.find(top, 'docs'))!);
    const held = await dave.drive.open(docs, (await dave.drive.find(docs, 'plan.txt'))!);
    await alice.sharing.unshare(PLAN, [person('bob')], 'read');
    await putText(alice, ['docs', 'plan.txt'], 'another plan');
    const read = dave.another().drive.read(held).next();
    await expect(read).rejects.toMatchObject({ name: 'DanglingEntry' });
    await expect(fresh(dave)).rejects.toMatchObject({ name: 'PathNotFound' });
    await expect(dave.drive.roots.open('alice')).rejects.toMatchObject({
      name: 'NothingHandedOn',
    });
    expect(await fresh(bob)).toEqual({});
  });

  it.each([
    ['renamed', ['docs', 'plan.txt'], 'scheme.txt', undefined, ['docs', 'scheme.txt']],
    ['in a folder that is renamed', ['docs'], 'papers', undefined, ['papers', 'plan.txt']],
    ['moved', ['docs', 'plan.txt'], undefined, ['docs', 'inner'], ['docs', 'inner', 'plan.txt']],
    ['moved to the top', ['docs', 'plan.txt'], 'z', [], ['z']],
  ])(
    'is followed when it is %s by its owner',
    async (_what, [...path], name, to: string[] | undefined, expected) => {
      const { alice, bob, dave } = await threeInARow();
      await alice.sharing.share([PLAN], [person('bob')], 'read');
      await handsOn(bob, PLAN);
      expect(await fresh(dave)).toMatchObject({ 'docs/plan.txt': 'the plan' });
      const { drive } = alice;
      let folder = await drive.resolve(path.slice(0, -1));
      let row = (await drive.find(folder, path.at(-1)!))!;
      if (to !== undefined) {
        const target = await drive.resolve(to);
        await drive.move(folder, [row], target);
        folder = target;
        row = (await drive.find(folder, row.name))!;
      }
      if (name !== undefined) await drive.rename(folder, row, name);
      const present = expected.join('/');
      expect(await fresh(bob)).toHaveProperty([present], 'the plan');
      expect(await noted(bob)).toEqual([[`alice/${present}`, ['dave'], []]]);
      const view = await fresh(dave);
      expect(view).toHaveProperty([present], 'the plan');
      expect(Object.keys(view).filter((one) => view[one] !== '/')).toEqual([present]);
    },
  );

  it('is followed inside a folder that is shared, and along a row of people', async () => {
    const { town, alice, bob, dave } = await threeInARow();
    const erin = await settle(town, 'erin');
    await befriend(dave, erin);
    await alice.sharing.share([['alice', 'docs']], [person('bob')], 'read');
    await handsOn(bob, ['alice', 'docs', 'inner', 'deep.txt']);
    await handsOn(bob, PLAN);
    await handsOn(dave, PLAN, [person('erin')]);
    for (const [path, name] of [
      [['docs', 'plan.txt'], 'scheme.txt'],
      [['docs', 'inner', 'deep.txt'], 'deeper.txt'],
      [['docs', 'inner'], 'within'],
    ] as const) {
      const folder = await alice.drive.resolve(path.slice(0, -1));
      await alice.drive.rename(folder, (await alice.drive.find(folder, path.at(-1)!))!, name);
    }
    await fresh(bob);
    expect((await noted(bob)).sort()).toEqual([
      ['alice/docs/scheme.txt', ['dave'], []],
      ['alice/docs/within/deeper.txt', ['dave'], []],
    ]);
    expect(await fresh(dave)).toMatchObject({
      'docs/scheme.txt': 'the plan',
      'docs/within/deeper.txt': 'deep',
    });
    expect(await noted(dave)).toEqual([['alice/docs/scheme.txt', ['erin'], []]]);
    expect(await fresh(erin)).toEqual({ docs: '/', 'docs/scheme.txt': 'the plan' });
  });

  it('is not noted any more when that is wished, and stays readable until then', async () => {
    const { alice, bob, dave } = await threeInARow();
    await alice.sharing.share([PLAN], [person('bob')], 'read');
    await handsOn(bob, PLAN);
    await bob.sharing.unshare(PLAN, [person('dave')], 'read');
    expect(await noted(bob)).toEqual([]);
    expect(await fresh(dave)).toMatchObject({ 'docs/plan.txt': 'the plan' });
    expect(await fresh(bob)).toMatchObject({ 'docs/plan.txt': 'the plan' });
  });

  it('is not noted any more for a follower who is removed', async () => {
    const { alice, bob } = await threeInARow();
    await alice.sharing.share([PLAN], [person('bob')], 'read');
    await handsOn(bob, PLAN);
    await bob.follow.removeFollower('dave');
    expect(await noted(bob)).toEqual([]);
    expect(await fresh(bob)).toMatchObject({ 'docs/plan.txt': 'the plan' });
    expect(await fresh(alice)).toMatchObject({ 'docs/plan.txt': 'the plan' });
  });

  it('is out of sight for those who block its owner', async () => {
    const { alice, bob, dave } = await threeInARow();
    await alice.sharing.share([PLAN], [person('bob')], 'read');
    await handsOn(bob, PLAN);
    expect(await seen(dave, 'alice')).toHaveProperty('docs/plan.txt');
    await dave.follow.block('alice');
    await expect(seen(dave, 'alice')).rejects.toMatchObject({ name: 'PathNotFound' });
    await dave.follow.unblock('alice');
    await dave.follow.block('bob');
    await expect(fresh(dave)).rejects.toMatchObject({ name: 'PathNotFound' });
  });
});
