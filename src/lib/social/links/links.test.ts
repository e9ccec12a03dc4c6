import { describe, expect, it } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { bytesSource, type Drive, type Handle } from '#lib/drive/index.ts';
import { NodeUnreachable } from '#lib/protocol/index.ts';
import type { TestPlace } from '#lib/account/testing.ts';
import { Snapshot } from '#lib/writers/index.ts';
import { forgetShares, moveShares } from '../share/noted-shares.ts';
import type { Recipient } from '../share/sharing.ts';
import {
  befriend,
  createTown,
  putText,
  seen,
  settle,
  textOf,
  type TestPerson,
} from '../testing.ts';
import { capabilityLinkAddress, NO_WISHES, parseLinkAddress } from './link-address.ts';
import { fetchLink, guestDrive, openLink } from './open-link.ts';
import { files, house, listening, visit, visitor } from './testing.ts';

const DOCS = ['alice', 'docs'];
const PLAN = ['alice', 'docs', 'plan.txt'];
const BOB: Recipient = { kind: 'person', username: 'bob' };
const NOW_S = 1_795_423_041;
const WHOLE = { 'inner/deep.txt': 'deep', 'plan.txt': 'the plan' };

async function placed(town: TestPlace, address: string) {
  const deps = visitor(town);
  const open = await openLink(deps, parseLinkAddress(address));
  const place = await open.locate();
  return { ...open, place, drive: guestDrive(deps.driveDeps, [place]) };
}

async function at(drive: Drive, path: readonly string[]): Promise<Handle> {
  let handle = await drive.roots.open(path[0]!);
  for (const name of path.slice(1)) {
    handle = await drive.open(handle, (await drive.find(handle, name))!);
  }
  return handle;
}

async function linkRoot({ session, deps }: TestPerson): Promise<Cid | undefined> {
  const view = new Snapshot(deps.driveDeps, session.identity.hash);
  return (await view.state(session.identity.hash)).data?.links;
}

describe('a link to read', () => {
  it('opens a file for somebody without an account, at its path, and nothing beside it', async () => {
    const { town, alice } = await house();
    const address = alice.links.addressOf(await alice.links.create(PLAN, false));
    const { item, capability, isWritable, place, drive } = await placed(town, address);
    expect(await textOf(drive, item)).toBe('the plan');
    expect({ isWritable, writeKey: capability.writeKey }).toEqual({ isWritable: false });
    expect(place).toMatchObject({ path: PLAN, entryPath: DOCS });
    expect(await files(drive, await drive.roots.open('alice'))).toEqual({
      'docs/plan.txt': 'the plan',
    });
    expect(await textOf(drive, await at(drive, PLAN))).toBe('the plan');
    await expect(drive.home()).rejects.toMatchObject({ name: 'NoHome' });
    const source = bytesSource(utf8('x'));
    await expect(drive.append(item, source)).rejects.toMatchObject({ name: 'NotWritable' });
  });

  it('opens a folder with all below it, and what comes into it later', async () => {
    const { town, alice } = await house();
    const address = alice.links.addressOf(await alice.links.create(DOCS, false));
    expect(await visit(town, address)).toEqual(WHOLE);
    await putText(alice, ['docs', 'later.txt'], 'later');
    expect(await visit(town, address)).toEqual({ ...WHOLE, 'later.txt': 'later' });
    expect((await placed(town, address)).place.entryPath).toEqual(DOCS);
  });

  it('asks for its password, and counts once, however often one is tried', async () => {
    const { town, alice } = await house();
    const terms = { userPassword: 'pässword', maxRetrievals: 1 };
    const address = alice.links.addressOf(await alice.links.create(PLAN, false, terms));
    const deps = visitor(town);
    const closed = await fetchLink(deps, parseLinkAddress(address));
    expect(closed.asksPassword).toBe(true);
    await expect(closed.open('guess')).rejects.toMatchObject({ name: 'WrongLinkPassword' });
    await expect(closed.open()).rejects.toMatchObject({ name: 'WrongLinkPassword' });
    const { item } = await closed.open('pässword');
    expect(await textOf(guestDrive(deps.driveDeps, []), item)).toBe('the plan');
    await expect(visit(town, address, 'pässword')).rejects.toMatchObject({ name: 'LinkUsedUp' });
  });

  it('ends when it expires', async () => {
    const { town, alice } = await house();
    const create = (expirySeconds: number) => alice.links.create(PLAN, false, { expirySeconds });
    const [good, over] = [await create(NOW_S + 1), await create(NOW_S - 1)];
    expect(await visit(town, alice.links.addressOf(good))).toBe('the plan');
    const late = visit(town, alice.links.addressOf(over));
    await expect(late).rejects.toMatchObject({ name: 'LinkExpired' });
  });

  it('L2: that may be opened once is opened once, however many ask together', async () => {
    const { town, alice } = await house();
    const terms = { maxRetrievals: 1 };
    const address = alice.links.addressOf(await alice.links.create(PLAN, false, terms));
    const visits = await Promise.allSettled(
      Array.from({ length: 100 }, () => visit(town, address)),
    );
    const given = visits.filter(({ status }) => status === 'fulfilled');
    expect(given).toEqual([{ status: 'fulfilled', value: 'the plan' }]);
    for (const one of visits) {
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ name: 'LinkUsedUp' });
    }
  });

  it('L1: shows the node no password, and no name of what it leads to', async () => {
    const { town, alice } = await house();
    let heard = '';
    const node = listening(town.node, (text) => (heard += `${text}\n`));
    const links = alice.onNode(node).links;
    const link = await links.create(PLAN, false, { userPassword: 'a word of mine' });
    expect(await visit({ ...town, node }, links.addressOf(link), 'a word of mine')).toBe(
      'the plan',
    );
    expect(heard).toContain(String(link.label));
    for (const secret of [link.linkPassword, 'a word of mine', 'plan.txt', 'docs']) {
      expect(heard).not.toContain(secret);
    }
  });

  it('takes few requests to the first byte', async () => {
    const { town, alice } = await house();
    const address = parseLinkAddress(alice.links.addressOf(await alice.links.create(PLAN, false)));
    let calls = 0;
    const counted = listening(town.node, () => calls++);
    const deps = visitor({ ...town, node: counted });
    const { item } = await openLink(deps, address);
    for await (const _ of guestDrive(deps.driveDeps, []).read(item)) break;
    expect(calls).toBeLessThanOrEqual(6);
  });
});

describe('a link to write', () => {
  it('lets a visitor change what is in a folder, and nothing beside it', async () => {
    const { town, alice } = await house();
    const address = alice.links.addressOf(await alice.links.create(DOCS, true));
    const { isWritable, drive } = await placed(town, address);
    expect(isWritable).toBe(true);
    const docs = await at(drive, DOCS);
    await drive.upload(docs, [{ path: ['new', 'hello.txt'], source: bytesSource(utf8('hello')) }]);
    await drive.append(await at(drive, PLAN), bytesSource(utf8('!')));
    const source = bytesSource(utf8('x'));
    const above = drive.upload(await at(drive, ['alice']), [{ path: ['x'], source }]);
    await expect(above).rejects.toThrow();
    expect(await seen(alice.another(), 'alice')).toMatchObject({
      'docs/new/hello.txt': 'hello',
      'docs/plan.txt': 'the plan!',
      'other.txt': 'not for you',
    });
  });

  it('takes a large file of a visitor, who has no place to note that it is under way', async () => {
    const { town, alice } = await house();
    const address = alice.links.addressOf(await alice.links.create(DOCS, true));
    const { drive } = await placed(town, address);
    const bytes = new Uint8Array(6 * 1024 * 1024).fill(7);
    await drive.upload(await at(drive, DOCS), [{ path: ['big'], source: bytesSource(bytes) }]);
    const { properties } = await at(alice.another().drive, [...DOCS, 'big']);
    expect(properties.sizeBytes).toBe(bytes.length);
  });

  it('lets a visitor change a file, under the name its folder gives it', async () => {
    const { town, alice } = await house();
    const address = alice.links.addressOf(await alice.links.create(PLAN, true));
    const { item, place, drive } = await placed(town, address);
    expect(place.path).toEqual(PLAN);
    await drive.append(item, bytesSource(utf8('?')));
    expect(await visit(town, address)).toBe('the plan?');
  });

  it('keeps what the item and those below it were shared as', async () => {
    const { town, alice } = await house();
    const bob = await settle(town, 'bob');
    await befriend(alice, bob);
    await alice.sharing.share([DOCS], [BOB], 'read');
    const read = alice.links.addressOf(await alice.links.create(PLAN, false));
    await alice.links.create(DOCS, true);
    expect(await seen(bob.another(), 'alice')).toMatchObject({ 'docs/plan.txt': 'the plan' });
    expect(await visit(town, read)).toBe('the plan');
  });
});

describe('new keys', () => {
  it.each(['read', 'write'] as const)(
    'after the right to %s was taken back leave every address good, and old capabilities not',
    async (right) => {
      const { town, alice } = await house();
      const bob = await settle(town, 'bob');
      await befriend(alice, bob);
      await alice.sharing.share([DOCS], [BOB], right);
      const terms = { userPassword: 'secret', maxRetrievals: 9, expirySeconds: NOW_S + 100 };
      const [read, write, below] = [
        await alice.links.create(DOCS, false, terms),
        await alice.links.create(DOCS, true),
        await alice.links.create(PLAN, false),
      ];
      const addresses = [read, write, below].map((link) => alice.links.addressOf(link));
      const held = await openLink(visitor(town), parseLinkAddress(addresses[1]!));
      await alice.sharing.unshare(DOCS, [BOB], right);
      expect(await visit(town, addresses[0]!, 'secret')).toEqual(WHOLE);
      const reading = await openLink(visitor(town), parseLinkAddress(addresses[0]!), 'secret');
      expect(reading).toMatchObject({ isWritable: false });
      expect(await visit(town, addresses[2]!)).toBe('the plan');
      const { drive, isWritable } = await placed(town, addresses[1]!);
      expect(isWritable).toBe(true);
      await drive.append(await at(drive, PLAN), bytesSource(utf8('+')));
      const { capability } = held;
      const old = { kind: 'capability', host: undefined, capability, wishes: NO_WISHES } as const;
      await expect(openLink(visitor(town), old)).rejects.toMatchObject({ name: 'LinkTargetGone' });
      const [again] = await alice.another().links.of(DOCS);
      expect({ ...again, target: undefined }).toEqual({ ...read, target: undefined });
      expect(again?.target?.equals(read.target!)).toBe(false);
    },
  );
});

describe('links of one owner', () => {
  it('are listed with all that was chosen, on another device too', async () => {
    const { alice } = await house();
    const one = await alice.links.create(PLAN, false, { autoOpen: true, userPassword: 'p' });
    const two = await alice.another().links.create(['alice', 'other.txt'], false);
    const three = await alice.links.create(PLAN, false, { maxRetrievals: 3 });
    const all = await alice.another().links.all();
    expect(all).toHaveLength(3);
    expect(all).toEqual(
      expect.arrayContaining([
        { path: PLAN, link: one },
        { path: PLAN, link: three },
        { path: ['alice', 'other.txt'], link: two },
      ]),
    );
    expect(alice.links.addressOf(one, 'example.org')).toMatch(
      /^https:\/\/example\.org\/secret\/z\w+\/\d+#\w{12}\?open=true$/u,
    );
    expect(new Set(all.map(({ link }) => link.label)).size).toBe(3);
  });

  it('change, and keep their address', async () => {
    const { town, alice } = await house();
    const link = await alice.links.create(PLAN, false, { userPassword: 'old' });
    const address = alice.links.addressOf(link);
    await alice.another().links.update(PLAN, link.label, { userPassword: 'new' });
    await expect(visit(town, address, 'old')).rejects.toMatchObject({ name: 'WrongLinkPassword' });
    expect(await visit(town, address, 'new')).toBe('the plan');
    await alice.links.update(PLAN, link.label, { userPassword: '', maxRetrievals: 3 });
    expect(await visit(town, address)).toBe('the plan');
    await expect(visit(town, address)).rejects.toMatchObject({ name: 'LinkUsedUp' });
  });

  it('are taken back one by one', async () => {
    const { town, alice } = await house();
    const [gone, kept] = [
      await alice.links.create(PLAN, false),
      await alice.links.create(PLAN, false),
    ];
    await alice.another().links.remove(PLAN, [gone.label]);
    const visiting = visit(town, alice.links.addressOf(gone));
    await expect(visiting).rejects.toMatchObject({ name: 'LinkRemoved' });
    expect(await visit(town, alice.links.addressOf(kept))).toBe('the plan');
    expect(await alice.links.of(PLAN)).toEqual([kept]);
    const update = alice.links.update(PLAN, gone.label, {});
    await expect(update).rejects.toMatchObject({ name: 'ShareRefused' });
    await alice.links.remove(PLAN, [gone.label]);
  });

  it('cannot be listed by who has no token of the owner', async () => {
    const { town, alice } = await house();
    await alice.links.create(PLAN, false);
    const root = await linkRoot(alice);
    const reading = town.node.blocks.get(alice.session.identity.hash, root!);
    await expect(reading).rejects.toMatchObject({ name: 'Unauthorised' });
  });

  it('are made by two devices at once, and both stay', async () => {
    const { town, alice } = await house();
    const other = alice.another();
    const links = await Promise.all([
      alice.links.create(PLAN, false),
      other.links.create(PLAN, false),
    ]);
    for (const link of links) {
      expect(await visit(town, alice.links.addressOf(link))).toBe('the plan');
    }
    expect(await alice.another().links.of(PLAN)).toHaveLength(2);
  });

  it('move with their item, and end with it', async () => {
    const { town, alice } = await house();
    const [folder, file] = [
      await alice.links.create(DOCS, false),
      await alice.links.create(PLAN, false),
    ];
    const home = await alice.drive.home();
    await alice.drive.rename(home, (await alice.drive.find(home, 'docs'))!, 'papers');
    const papers = ['alice', 'papers'];
    await alice.drive.change((change, top) => moveShares(change, top, DOCS, papers));
    expect(await alice.links.all()).toEqual([
      { path: papers, link: folder },
      { path: [...papers, 'plan.txt'], link: file },
    ]);
    const address = alice.links.addressOf(file);
    expect((await placed(town, address)).place.path).toEqual([...papers, 'plan.txt']);
    await alice.drive.change((change, top) => forgetShares(change, alice.deps, top, papers));
    expect(await alice.links.all()).toEqual([]);
    for (const link of [folder, file]) {
      const visiting = visit(town, alice.links.addressOf(link));
      await expect(visiting).rejects.toMatchObject({ name: 'LinkRemoved' });
    }
  });

  it.each([
    [['alice'], {}, 'ShareRefused'],
    [['bob', 'x'], {}, 'ShareRefused'],
    [['alice', 'nothing'], {}, 'PathNotFound'],
    [PLAN, { maxRetrievals: 0 }, 'ShareRefused'],
    [PLAN, { expirySeconds: 1.5 }, 'ShareRefused'],
  ])('to %j with %j are refused as %s', async (path, terms, name) => {
    const { alice } = await house();
    const making = (async () => alice.links.create(path, false, terms))();
    await expect(making).rejects.toMatchObject({ name });
  });
});

describe('what cannot be opened is told apart', () => {
  it('a link that never was, an owner of elsewhere, a server that is away, an item that is gone', async () => {
    const { town, alice } = await house();
    const never = { ...(await alice.links.create(PLAN, false)), label: 5n };
    const visiting = visit(town, alice.links.addressOf(never));
    await expect(visiting).rejects.toMatchObject({ name: 'LinkRemoved' });
    const strange = await settle(createTown('elsewhere'), 'stranger');
    const elsewhere = visit(town, strange.links.addressOf(never));
    await expect(elsewhere).rejects.toMatchObject({ name: 'LinkElsewhere' });
    const link = await alice.links.create(['alice', 'other.txt'], false);
    const address = alice.links.addressOf(link);
    const away = { ...town.node.links, get: () => Promise.reject(new NodeUnreachable('away')) };
    const node = new Proxy(town.node, {
      get: (object, key): unknown => (key === 'links' ? away : Reflect.get(object, key)),
    });
    await expect(visit({ ...town, node }, address)).rejects.toMatchObject({
      name: 'LinkServerAway',
    });
    // Another client may leave the link behind.
    alice.drive.records = undefined;
    const home = await alice.drive.home();
    await alice.drive.remove(home, [(await alice.drive.find(home, 'other.txt'))!]);
    await expect(visit(town, address)).rejects.toMatchObject({ name: 'LinkTargetGone' });
  });

  it('a name that is not the owner’s is not believed', async () => {
    const { town, alice } = await house();
    const mallory = await settle(town, 'mallory');
    const address = alice.links.addressOf(await alice.links.create(PLAN, false));
    const { driveDeps } = visitor(town);
    const identityOf = () => Promise.resolve(mallory.session.identity.hash);
    const open = await openLink({ driveDeps, identityOf }, parseLinkAddress(address));
    await expect(open.locate()).rejects.toMatchObject({ name: 'NotOwned' });
  });

  it('a link that holds the capability itself opens the same way', async () => {
    const { town, alice } = await house();
    const link = await alice.links.create(DOCS, false);
    const first = await openLink(visitor(town), parseLinkAddress(alice.links.addressOf(link)));
    const { capability } = first;
    const address = capabilityLinkAddress({ host: undefined, capability, wishes: NO_WISHES });
    expect(await visit(town, address)).toEqual(WHOLE);
  });
});
