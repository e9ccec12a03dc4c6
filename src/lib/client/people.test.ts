/** People, as the screens ask for them: two accounts of one browser, each in a tab. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  closingTabs,
  createBrowser,
  folderOf,
  GOOD,
  inHome,
  openTab,
  textFile,
  until,
  uploadAll,
  type Tab,
} from './testing.ts';
import type { ShareRecipient } from './types.ts';

const tabs = closingTabs();
const BOB: ShareRecipient = { kind: 'person', username: 'bob' };

async function signedUp(browser: ReturnType<typeof createBrowser>, username: string): Promise<Tab> {
  const tab = await openTab(browser);
  tabs.push(tab);
  await tab.client.signUp({ username, password: GOOD, staySignedIn: false });
  return tab;
}

async function friends() {
  const browser = createBrowser();
  const [alice, bob] = [await signedUp(browser, 'alice'), await signedUp(browser, 'bob')];
  await alice.client.requestFollow('bob');
  await bob.client.answerRequest('alice', 'follow-back');
  await alice.client.people();
  return { alice, bob };
}

async function rowsAt({ client }: Tab, path: readonly string[]) {
  const folder = await client.openFolder(path);
  const names: string[] = [];
  await client.list(folder.entry.id, (rows) => names.push(...rows.map(({ name }) => name)));
  return { folder, names: names.sort() };
}

/** Addresses of links begin with it. */
beforeAll(() => vi.stubGlobal('location', { origin: 'https://drive.example' }));
afterAll(() => vi.unstubAllGlobals());

describe('people', () => {
  it('are found by the beginning of their names, without oneself', async () => {
    const browser = createBrowser();
    const alice = await signedUp(browser, 'alice');
    await signedUp(browser, 'alina');
    expect(await alice.client.findPeople('ali')).toEqual(['alina']);
    expect(await alice.client.findPeople('')).toEqual([]);
  });

  it('become friends, and the screens hear of it', async () => {
    const { alice, bob } = await friends();
    expect(await alice.client.people()).toMatchObject({ friends: ['bob'], pendingOutgoing: [] });
    expect(await bob.client.people()).toMatchObject({ friends: ['alice'], pendingIncoming: [] });
    const heard = bob.events.filter((event) => event.kind === 'people').at(-1);
    expect(heard).toMatchObject({ people: { friends: ['alice'] } });
  });

  it('open what was shared with them like folders of their own', async () => {
    const { alice, bob } = await friends();
    const home = await folderOf(alice.client);
    const { id } = await alice.client.makeFolder(home.entry.id, 'trip');
    await uploadAll(alice, ['trip'], [textFile('day.txt', 'sun')]);
    await alice.client.share([id], [BOB], 'read');
    expect((await rowsAt(bob, ['alice'])).names).toEqual(['trip']);
    const { folder, names } = await rowsAt(bob, ['alice', 'trip']);
    expect([folder.writable, names]).toEqual([false, ['day.txt']]);
    const { entry } = await bob.client.find(['alice', 'trip', 'day.txt']);
    expect((await bob.client.readText(entry.id, 100)).text).toBe('sun');
    const sealed = await bob.client.sealRoute({ app: 'drive', path: ['alice', 'trip'] });
    expect(await bob.client.openRoute(sealed)).toEqual({ app: 'drive', path: ['alice', 'trip'] });
    const bobs = await folderOf(bob.client);
    await bob.client.copy([folder.entry.id], bobs.entry.id);
    const copied = await bob.client.find(inHome(bob.client, ['trip', 'day.txt']));
    expect((await bob.client.readText(copied.entry.id, 100)).text).toBe('sun');
  });

  it('put files into what they may change', async () => {
    const { alice, bob } = await friends();
    const home = await folderOf(alice.client);
    const { id } = await alice.client.makeFolder(home.entry.id, 'trip');
    await alice.client.share([id], [BOB], 'write');
    const { folder } = await rowsAt(bob, ['alice', 'trip']);
    expect(folder.writable).toBe(true);
    const items = [{ path: ['from-bob.txt'], file: textFile('from-bob.txt', 'hi') }];
    const upload = await bob.client.upload(folder.entry.id, items);
    await until(() => bob.transfers().find((one) => one.id === upload)?.state === 'done');
    expect((await rowsAt(alice, ['alice', 'trip'])).names).toEqual(['from-bob.txt']);
  });

  it('are told who has access, by what, until it is taken back', async () => {
    const { alice, bob } = await friends();
    const home = await folderOf(alice.client);
    const { id } = await alice.client.makeFolder(home.entry.id, 'trip');
    await uploadAll(alice, ['trip'], [textFile('day.txt', 'sun')]);
    await alice.client.share([id], [BOB], 'read');
    const day = await alice.client.find(['alice', 'trip', 'day.txt']);
    const access = { recipient: BOB, right: 'read', by: ['alice', 'trip'] };
    expect(await alice.client.access(day.entry.id)).toEqual([access]);
    expect(await alice.client.sharedByMe()).toEqual([
      { path: ['alice', 'trip'], access: [access] },
    ]);
    const trip = await alice.client.find(['alice', 'trip']);
    expect(await alice.client.unshare(trip.entry.id, [BOB], 'read')).toEqual([]);
    expect(await alice.client.sharedByMe()).toEqual([]);
    expect((await rowsAt(bob, ['alice'])).names).toEqual([]);
  });

  it('see how the entries of a folder are shared, and that only in their own drive', async () => {
    const { alice, bob } = await friends();
    const home = await folderOf(alice.client);
    const { id } = await alice.client.makeFolder(home.entry.id, 'trip');
    await uploadAll(alice, [], [textFile('a.txt', 'a'), textFile('b.txt', 'b')]);
    const idOf = async (name: string) => (await alice.client.find(['alice', name])).entry.id;
    const sharing = () => alice.client.sharingIn(home.entry.id);
    expect(await sharing()).toEqual([]);
    await alice.client.share([id], [BOB, { kind: 'group', name: 'friends' }], 'read');
    await alice.client.share([await idOf('a.txt')], [BOB], 'write');
    const terms = { password: '', opens: false };
    const link = await alice.client.makeLink(await idOf('a.txt'), 'read', terms);
    const [trip, a] = [['alice', 'trip'] as const, ['alice', 'a.txt'] as const];
    const all = { kind: 'group', name: 'friends' };
    const tripSharing = {
      name: 'trip',
      access: expect.arrayContaining([
        { recipient: BOB, right: 'read', by: trip },
        { recipient: all, right: 'read', by: trip },
      ]) as unknown,
      links: 0,
    };
    const access = [{ recipient: BOB, right: 'write', by: a }];
    const marked = await sharing();
    expect(marked).toHaveLength(2);
    expect(marked).toEqual(
      expect.arrayContaining([tripSharing, { name: 'a.txt', access, links: 1 }]),
    );
    const heard = alice.events.length;
    await alice.client.removeLink(link);
    await alice.client.unshare(await idOf('a.txt'), [BOB], 'write');
    expect(await sharing()).toEqual([tripSharing]);
    const changes = alice.events.slice(heard).filter(({ kind }) => kind === 'folder-changed');
    expect(changes).toContainEqual(expect.objectContaining({ path: ['alice'], names: ['a.txt'] }));
    const { folder } = await rowsAt(bob, ['alice', 'trip']);
    expect(await bob.client.sharingIn(folder.entry.id)).toEqual([]);
  });

  it('tell apart what they may change and what they may only see', async () => {
    const { alice, bob } = await friends();
    const home = await folderOf(alice.client);
    const { id } = await alice.client.makeFolder(home.entry.id, 'album');
    const notes = await alice.client.makeFolder(home.entry.id, 'notes');
    await alice.client.share([id], [BOB], 'read');
    await alice.client.share([notes.id], [BOB], 'write');
    const rows = new Map<string, boolean>();
    const list = async ({ client }: Tab, path: readonly string[]) => {
      rows.clear();
      await client.list((await client.openFolder(path)).entry.id, (entries) =>
        entries.forEach(({ name, editable }) => rows.set(name, editable === true)),
      );
      return rows;
    };
    expect(await list(bob, ['alice'])).toEqual(
      new Map([
        ['album', false],
        ['notes', true],
      ]),
    );
    const own = await list(alice, ['alice']);
    expect([own.get('album'), own.get('notes')]).toEqual([false, false]);
  });

  it('leave what was shared with them, until it is shared again', async () => {
    const { alice, bob } = await friends();
    const home = await folderOf(alice.client);
    const { id } = await alice.client.makeFolder(home.entry.id, 'trip');
    await uploadAll(alice, ['trip'], [textFile('day.txt', 'sun')]);
    await alice.client.share([id], [BOB], 'read');
    const given = async (...path: string[]) => (await bob.client.find(path)).entry;
    expect(await given('alice', 'trip', 'day.txt')).not.toHaveProperty('given');
    const trip = await given('alice', 'trip');
    expect(trip).toHaveProperty('given', true);
    const heard = bob.events.length;
    const { undo } = await bob.client.leave([trip.id]);
    expect((await rowsAt(bob, ['alice'])).names).toEqual([]);
    const changes = bob.events.slice(heard).filter(({ kind }) => kind === 'folder-changed');
    expect(changes).toContainEqual(
      expect.objectContaining({ path: ['alice'], change: 'removed', names: ['trip'] }),
    );
    await expect(bob.client.find(['alice', 'trip'])).rejects.toMatchObject({
      name: 'PathNotFound',
    });
    await bob.client.undo(undo!);
    expect((await rowsAt(bob, ['alice', 'trip'])).names).toEqual(['day.txt']);
    await bob.client.leave([(await given('alice', 'trip')).id]);
    expect((await rowsAt(bob, ['alice'])).names).toEqual([]);
    await alice.client.share([id], [BOB], 'write');
    expect((await rowsAt(bob, ['alice'])).names).toEqual(['trip']);
    const own = (await alice.client.find(['alice', 'trip'])).entry;
    await expect(alice.client.leave([own.id])).rejects.toMatchObject({ name: 'ShareRefused' });
  });

  it('hand on what was shared with them, to read, until its owner takes it back', async () => {
    const browser = createBrowser();
    const [alice, bob, dave] = [
      await signedUp(browser, 'alice'),
      await signedUp(browser, 'bob'),
      await signedUp(browser, 'dave'),
    ];
    await alice.client.requestFollow('bob');
    await bob.client.answerRequest('alice', 'follow-back');
    await dave.client.requestFollow('bob');
    await bob.client.answerRequest('dave', 'follow-back');
    for (const { client } of [alice, dave]) await client.people();
    const home = await folderOf(alice.client);
    const { id } = await alice.client.makeFolder(home.entry.id, 'trip');
    await uploadAll(alice, ['trip'], [textFile('day.txt', 'sun')]);
    await alice.client.share([id], [BOB], 'read');
    const DAVE: ShareRecipient = { kind: 'person', username: 'dave' };
    const path = ['alice', 'trip'];
    const trip = (await bob.client.find(path)).entry;
    await expect(bob.client.share([trip.id], [DAVE], 'write')).rejects.toMatchObject({
      name: 'ShareRefused',
    });
    expect(await dave.client.handedOn()).toEqual([]);
    await bob.client.share([trip.id], [DAVE], 'read');
    const access = [{ recipient: DAVE, right: 'read', by: path }];
    expect(await bob.client.sharedByMe()).toEqual([{ path, access }]);
    const top = (await bob.client.openFolder(['alice'])).entry;
    expect(await bob.client.sharingIn(top.id)).toEqual([{ name: 'trip', access, links: 0 }]);
    expect(await dave.client.handedOn()).toEqual([{ username: 'alice', sharers: ['bob'] }]);
    expect((await rowsAt(dave, path)).names).toEqual(['day.txt']);
    const day = (await dave.client.find([...path, 'day.txt'])).entry;
    expect((await dave.client.readText(day.id, 100)).text).toBe('sun');
    await expect(bob.client.reseal(trip.id, () => undefined)).rejects.toMatchObject({
      name: 'PathNotFound',
    });
    await alice.client.unshare(id, [BOB], 'read');
    expect(await dave.client.handedOn()).toEqual([]);
    expect(await bob.client.sharedByMe()).toEqual([]);
    await expect(dave.client.openFolder(path)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('compare numbers or codes, and see who is verified', async () => {
    const { alice, bob } = await friends();
    const [hers, his] = [
      await alice.client.verification('bob'),
      await bob.client.verification('alice'),
    ];
    expect(hers.safetyNumber).toBe(his.safetyNumber);
    expect(hers.state).toEqual({ kind: 'not-verified' });
    expect(await alice.client.verifiedPeople()).toEqual([]);
    expect(await alice.client.compareCode('bob', his.qrText)).toBe(true);
    const verified = [{ username: 'bob', state: { kind: 'verified' } }];
    expect(await alice.client.verifiedPeople()).toEqual(verified);
    expect(await bob.client.verifiedPeople()).toEqual([]);
    expect(await alice.client.compareCode('bob', hers.qrText)).toBe(false);
    expect(await alice.client.verifiedPeople()).toEqual([]);
    await alice.client.markVerified('bob', true);
    expect((await alice.client.verification('bob')).state).toEqual({ kind: 'verified' });
    await expect(alice.client.compareCode('bob', 'https://example.org/')).rejects.toMatchObject({
      name: 'UnreadableCode',
    });
    expect(await alice.client.verifiedPeople()).toEqual(verified);
  });

  it('who are no friends have no tree here', async () => {
    const browser = createBrowser();
    const alice = await signedUp(browser, 'alice');
    await signedUp(browser, 'bob');
    await expect(alice.client.openFolder(['bob'])).rejects.toMatchObject({ name: 'PathNotFound' });
  });
});
