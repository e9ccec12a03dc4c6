/**
 * The crash table of people: every act is killed at its calls to the node, before and after the call
 * took effect, or loses just that one answer. Devices that know nothing find the old state or the
 * new one, on every side. Doing it again ends as if nothing had happened.
 */
import { describe, expect, it } from 'vitest';
import { sampled } from '#lib/bytes/testing.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import type { TestPlace } from '#lib/account/testing.ts';
import { observed, type FaultPlan } from '#lib/writers/testing.ts';
import { FriendGone } from './errors.ts';
import { leave } from './share/leave.ts';
import type { Recipient } from './share/sharing.ts';
import { befriend, createTown, putText, seen, settle, type TestPerson } from './testing.ts';

interface World {
  readonly node: TestPlace['node'];
  readonly alice: TestPerson;
  readonly bob: TestPerson;
  readonly carol: TestPerson;
}

interface Story {
  readonly name: string;
  readonly prepare?: (world: World) => Promise<unknown>;
  /** What Alice does, on a device that dies. */
  readonly act: (alice: TestPerson) => Promise<unknown>;
  /** The act writes to two accounts, so one of them may know before the other one. */
  readonly isTwoSided?: boolean;
}

const bob: Recipient = { kind: 'person', username: 'bob' };
const carol: Recipient = { kind: 'person', username: 'carol' };
const alicia: Recipient = { kind: 'person', username: 'alice' };
const FRIENDS: Recipient = { kind: 'group', name: 'friends' };
const DOCS = ['alice', 'docs'];
const PLAN = ['alice', 'docs', 'plan.txt'];

const shareBoth = async ({ alice }: World): Promise<void> => {
  await alice.sharing.share([DOCS], [bob, carol], 'read');
  await alice.sharing.share([PLAN], [carol], 'read');
  await alice.links.create(PLAN, false);
};
const shareToWrite = async ({ alice }: World): Promise<void> => {
  await alice.sharing.share([DOCS], [bob, carol], 'write');
};

/** Moves an entry; nothing happens if it was moved already. */
async function moveIn(
  { drive }: TestPerson,
  name: string,
  to: readonly string[],
  from: readonly string[] = [],
): Promise<void> {
  const folder = await drive.resolve(from);
  const row = await drive.find(folder, name);
  if (row !== undefined) await drive.move(folder, [row], await drive.resolve(to));
}

const STORIES: readonly Story[] = [
  {
    name: 'sharing two items with two people to read',
    act: (alice) => alice.sharing.share([DOCS, ['alice', 'other.txt']], [bob, carol], 'read'),
  },
  {
    name: 'sharing with a group',
    act: (alice) => alice.sharing.share([PLAN], [FRIENDS], 'read'),
  },
  {
    name: 'sharing a folder to write, which gets a writing space of its own',
    prepare: ({ alice }) => alice.sharing.share([PLAN], [carol], 'read'),
    act: (alice) => alice.sharing.share([DOCS], [bob], 'write'),
  },
  {
    name: 'taking back the right to read',
    prepare: shareBoth,
    act: (alice) => alice.sharing.unshare(DOCS, [bob], 'read'),
  },
  {
    name: 'taking back the right to write',
    prepare: shareToWrite,
    act: (alice) => alice.sharing.unshare(DOCS, [bob], 'write'),
  },
  {
    name: 'moving what is shared into another writing space',
    prepare: async (world) => {
      await world.alice.sharing.share([PLAN], [bob], 'write');
      await world.alice.links.create(['alice', 'docs', 'inner'], false);
      await putText(world.alice, ['team', 'note.txt'], 'note');
      await world.alice.sharing.share([['alice', 'team']], [carol], 'write');
    },
    act: (alice) => moveIn(alice, 'docs', ['team']),
  },
  {
    name: 'throwing away what is shared, out of a folder that is shared',
    prepare: async (world) => {
      await shareBoth(world);
      await world.alice.drive.makeSystemFolders([['.trash']]);
    },
    act: async (alice) => moveIn(alice, 'plan.txt', ['.trash'], ['docs']),
  },
  {
    name: 'removing a follower, with all that he was given',
    prepare: shareBoth,
    act: (alice) => alice.follow.removeFollower('bob'),
  },
  {
    name: 'leaving what a friend shared',
    prepare: async ({ bob: friend }) => {
      await putText(friend, ['his.txt'], 'his');
      await putText(friend, ['box', 'inner.txt'], 'inner');
      const paths = [
        ['bob', 'his.txt'],
        ['bob', 'box', 'inner.txt'],
      ];
      await friend.sharing.share(paths, [alicia], 'read');
    },
    act: async (alice) => {
      await alice.mount();
      const folder = await alice.drive.roots.open('bob');
      const row = await alice.drive.find(folder, 'box');
      if (row !== undefined) await leave(folder, [row]);
    },
  },
  {
    name: 'handing on what a friend shared',
    prepare: async ({ bob: friend }) => {
      await putText(friend, ['his.txt'], 'his');
      await friend.sharing.share([['bob', 'his.txt']], [alicia], 'read');
    },
    act: async (alice) => {
      await alice.mount();
      await alice.sharing.share([['bob', 'his.txt']], [carol], 'read');
    },
  },
  { name: 'blocking a friend', act: (alice) => alice.follow.block('bob') },
  {
    name: 'asking to follow somebody',
    isTwoSided: true,
    act: (alice) => alice.follow.request('dave'),
  },
  ...(['allow', 'follow-back', 'deny'] as const).map((answer): Story => ({
    name: `answering a request with “${answer}”`,
    isTwoSided: true,
    prepare: async ({ node }) => dave(node).follow.request('alice'),
    act: (alice) => alice.follow.answer('dave', answer),
  })),
];

const daves = new WeakMap<object, TestPerson>();
function dave(node: object): TestPerson {
  return daves.get(node)!;
}

async function setUp({ prepare }: Story): Promise<World> {
  const town = createTown();
  const [alice, bob, carol, other] = [
    await settle(town, 'alice'),
    await settle(town, 'bob'),
    await settle(town, 'carol'),
    await settle(town, 'dave'),
  ];
  daves.set(town.node, other);
  await befriend(alice, bob);
  await befriend(alice, carol);
  await putText(alice, PLAN.slice(1), 'the plan');
  await putText(alice, ['docs', 'inner', 'deep.txt'], 'deep');
  await putText(alice, ['other.txt'], 'other');
  const world = { node: town.node, alice, bob, carol };
  await prepare?.(world);
  return world;
}

interface Picture {
  readonly own: Record<string, string>;
  readonly shares: readonly string[];
  readonly people: Readonly<Record<string, unknown>>;
  readonly sees: Readonly<Record<string, Record<string, string>>>;
  /** What Alice sees of Bob's tree. */
  readonly ofBob: Record<string, string>;
  /** Who waits for an answer of Alice. */
  readonly asked: readonly string[];
}

/** What devices that know nothing find, each side's own view. */
async function pictureOf({ node, alice, bob, carol }: World): Promise<Picture> {
  const owner = alice.another();
  const others = [bob, carol, dave(node)].map((one) => one.another());
  const people: Record<string, unknown> = {};
  for (const one of [owner, ...others]) people[one.username] = await peopleOf(one);
  const sees: Picture['sees'] = {};
  for (const one of others) {
    const follows = (await one.follow.people()).following.includes('alice');
    const view = follows ? await seen(one, 'alice').catch(noAccess) : {};
    Object.assign(sees, { [one.username]: view });
  }
  // The folders of groups have random names.
  const groups = await owner.sharing.groups();
  const plainly = (name: string): string => groups.get(name) ?? name;
  const shares = (await owner.sharing.all()).map(({ path, shares: { read, write, links } }) =>
    [
      path.map(plainly).join('/'),
      [...read].map(plainly).sort().join(),
      [...write].map(plainly).sort().join(),
      links.length,
    ].join(' '),
  );
  const asked = (await owner.follow.state()).pendingIncoming;
  const own = await seen(owner, 'alice');
  const ofBob = owner.drive.roots.has('bob') ? await seen(owner, 'bob') : {};
  return { own, shares: shares.sort(), people, sees, ofBob, asked };
}

/** What a friend sees who was removed: nothing, and he is told so. */
function noAccess(error: unknown): Record<string, string> {
  if (error instanceof FriendGone) return { gone: '' };
  throw error;
}

/** Without acting on what came: that would change the state that is looked at. */
async function peopleOf(one: TestPerson): Promise<unknown> {
  const { followers, following, pendingOutgoing, blocked } = await one.follow.people();
  return [followers, following, pendingOutgoing, blocked].map((names) => [...names].sort());
}

/** What only asks leaves the same behind, whether it was heard or not. */
const ASKING = /\.(?:get|has|sizeBytes|champLookup|properties|chain|publicKey|pending)$/;

const KINDS: Record<string, (n: number) => FaultPlan> = {
  'killed before': (n) => (i) => (i >= n ? 'lost request' : undefined),
  'killed after': (n) => (i) => (i > n ? 'lost request' : i === n ? 'lost reply' : undefined),
  'one answer lost': (n) => (i) => (i === n ? 'lost reply' : undefined),
};

function faultsOf(calls: readonly string[]) {
  const faults = Object.entries(KINDS).flatMap(([kind, planFor]) =>
    calls.flatMap((call, n) =>
      ASKING.test(call) && kind === 'killed after' ? [] : [{ kind, n, plan: planFor(n) }],
    ),
  );
  return sampled(faults, 32);
}

describe.each(STORIES)('$name', (story) => {
  it('is done or not done, whichever call it dies at', { timeout: 240_000 }, async () => {
    const plain = await setUp(story);
    const before = await pictureOf(plain);
    const watched = observed(plain.node);
    await story.act(plain.alice.onNode(watched.node as TestPlace['node']));
    const after = await pictureOf(plain);
    expect(after).not.toEqual(before);
    for (const { kind, n, plan } of faultsOf(watched.calls)) {
      const world = await setUp(story);
      const what = `${kind} call ${String(n)} (${watched.calls[n] ?? ''})`;
      const faulty = observed(world.node, plan).node as TestPlace['node'];
      await story.act(world.alice.onNode(faulty)).catch(ended);
      const found = await pictureOf(world);
      if (story.isTwoSided) expectEachSide(before, found, after, what);
      else expect([before, after], what).toContainEqual(found);
      await story.act(world.alice.another()).catch(refusedAsDone);
      expect(await pictureOf(world), `${what}, done again`).toEqual(after);
    }
  });
});

function ended(): void {
  // The device is gone; what it leaves behind is looked at.
}

/** The second time some acts say that they are done already. */
function refusedAsDone(error: unknown): void {
  if (!(error instanceof PyrgosError) || error.name !== 'FollowRefused') throw error;
}

/** Each person's own records are the old or the new ones. */
function expectEachSide(before: Picture, found: Picture, after: Picture, what: string): void {
  for (const name of Object.keys(found.people)) {
    expect([before.people[name], after.people[name]], `${what}, ${name}`).toContainEqual(
      found.people[name],
    );
  }
  expect(found.own, what).toEqual(before.own);
  expect(found.shares, what).toEqual(before.shares);
}
