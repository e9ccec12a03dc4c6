/** Links as their page asks for them: a browser without an account, and one that has one. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { createTown, putText, settle } from '#lib/social/testing.ts';
import { capabilityLinkAddress, NO_WISHES, openLink, parseLinkAddress } from '#lib/social/index.ts';
import { visitor } from '#lib/social/links/testing.ts';
import {
  closingTabs,
  createBrowser,
  GOOD,
  namesIn,
  openTab,
  readAll,
  textFile,
  transferOf,
  until,
} from './testing.ts';
import type { Client, LinkItem, OpenedLink } from './types.ts';

const DOCS = ['alice', 'docs'];
const PLAN = ['alice', 'docs', 'plan.txt'];
const tabs = closingTabs();

beforeEach(() => vi.stubGlobal('location', { origin: 'null' }));
afterEach(() => vi.unstubAllGlobals());

async function house() {
  const town = createTown();
  const alice = await settle(town, 'alice');
  await putText(alice, ['docs', 'plan.txt'], 'the plan');
  await putText(alice, ['docs', 'inner', 'deep.txt'], 'deep');
  await putText(alice, ['other.txt'], 'not for you');
  const browser = createBrowser(town.stores);
  const guest = async () => {
    const tab = await openTab(browser);
    tabs.push(tab);
    return tab;
  };
  return { town, alice, guest };
}

function opened(link: OpenedLink): LinkItem {
  if (link.kind !== 'open') throw new Error('it asks for a password');
  return link.item;
}

async function listed(client: Client, path: readonly string[]): Promise<string[]> {
  const folder = await client.openFolder(path);
  const names: string[] = [];
  await client.list(folder.entry.id, (rows) => names.push(...rows.map(({ name }) => name)));
  return names.sort();
}

describe('a guest with a link', () => {
  it('sees a file, reads it, and finds nothing beside it', async () => {
    const { alice, guest } = await house();
    const { client } = await guest();
    const link = await alice.links.create(PLAN, false);
    const item = opened(await client.openLink(alice.links.addressOf(link)));
    expect(item).toMatchObject({ sizeBytes: 8, writable: false, downloads: false });
    expect(item.entry).toMatchObject({ name: 'plan.txt', kind: 'file' });
    expect(item.start).toEqual({ app: 'drive', path: item.path });
    expect(await readAll(client, item.entry.id)).toEqual(utf8('the plan'));
    expect(await listed(client, item.path.slice(0, -1))).toEqual(['plan.txt']);
    const { entry, folder } = await client.find(item.path);
    expect(entry.id).toBe(item.entry.id);
    expect(folder.writable).toBe(false);
    expect(await client.linkOwner()).toBe('alice');
    expect(client.state.kind).toBe('signed-out');
    for (const path of [['alice'], DOCS, [item.path[0]!, 'other.txt']]) {
      await expect(client.openFolder(path)).rejects.toMatchObject({ name: 'PathNotFound' });
    }
  });

  it('walks through a folder, and may change nothing in it', async () => {
    const { alice, guest } = await house();
    const { client } = await guest();
    const link = await alice.links.create(DOCS, false);
    const { path, entry } = opened(await client.openLink(alice.links.addressOf(link)));
    expect(await listed(client, path)).toEqual(['inner', 'plan.txt']);
    expect(await listed(client, [...path, 'inner'])).toEqual(['deep.txt']);
    await expect(client.makeFolder(entry.id, 'new')).rejects.toMatchObject({ kind: 'refused' });
    await expect(client.trash([entry.id])).rejects.toMatchObject({ name: 'NotSignedIn' });
    await expect(client.storage()).rejects.toMatchObject({ name: 'NotSignedIn' });
  });

  it('uploads where the link allows it, and the owner finds it', async () => {
    const { alice, guest } = await house();
    const tab = await guest();
    const { client } = tab;
    const link = await alice.links.create(DOCS, true);
    const item = opened(await client.openLink(alice.links.addressOf(link)));
    expect(item.writable).toBe(true);
    const file = textFile('hello.txt', 'hello');
    const id = await client.upload(item.entry.id, [{ path: ['new', 'hello.txt'], file }]);
    await until(() => transferOf(tab, id)?.state === 'done');
    await client.makeFolder(item.entry.id, 'empty');
    expect(await listed(client, item.path)).toEqual(['empty', 'inner', 'new', 'plan.txt']);
    const theirs = alice.another();
    const docs = await theirs.drive.resolve(['docs', 'new', 'hello.txt']);
    expect(docs.properties.sizeBytes).toBe(5);
  });

  it('is asked for the password, may try again, and is counted once', async () => {
    const { alice, guest } = await house();
    const { client } = await guest();
    const terms = { userPassword: 'pässword', maxRetrievals: 1 };
    const address = alice.links.addressOf(await alice.links.create(PLAN, false, terms));
    expect(await client.openLink(address)).toEqual({ kind: 'asks-password' });
    for (const wrong of ['', 'password']) {
      await expect(client.unlockLink(wrong)).rejects.toMatchObject({ name: 'WrongLinkPassword' });
    }
    expect(opened(await client.unlockLink('pässword')).entry.name).toBe('plan.txt');
    await expect(client.openLink(address)).rejects.toMatchObject({ name: 'LinkUsedUp' });
  });

  it('is told apart what cannot be opened', async () => {
    const { alice, guest } = await house();
    const { client } = await guest();
    const addressOf = async (terms: object) =>
      alice.links.addressOf(await alice.links.create(PLAN, false, terms));
    const over = await addressOf({ expirySeconds: 1_000_000_000 });
    await expect(client.openLink(over)).rejects.toMatchObject({ name: 'LinkExpired' });
    const link = await alice.links.create(PLAN, false);
    const address = alice.links.addressOf(link);
    for (const cut of [address.slice(0, address.indexOf('#')), address.slice(0, 20), '#']) {
      await expect(client.openLink(cut)).rejects.toMatchObject({ name: 'BadLinkAddress' });
    }
    await alice.links.remove(PLAN, [link.label]);
    await expect(client.openLink(address)).rejects.toMatchObject({ name: 'LinkRemoved' });
    await expect(client.unlockLink('')).rejects.toMatchObject({ name: 'NoLinkOpen' });
  });

  it('begins where the address asks to', async () => {
    const { alice, guest } = await house();
    const { client } = await guest();
    const startOf = async (path: string[], wishes: string, terms = {}) => {
      const link = await alice.links.create(path, false, terms);
      const { start, path: top } = opened(
        await client.openLink(alice.links.addressOf(link) + wishes),
      );
      expect(start.path.slice(0, top.length)).toEqual(top);
      return [start.app, ...start.path.slice(1)];
    };
    expect(await startOf(PLAN, '?open=true')).toEqual(['view', 'plan.txt']);
    expect(await startOf(DOCS, '')).toEqual(['drive', 'docs']);
    expect(await startOf(DOCS, '?open=true')).toEqual(['drive', 'docs']);
    expect(await startOf(['alice', 'docs', 'inner'], '?open=true')).toEqual([
      'view',
      'inner',
      'deep.txt',
    ]);
    const file = encodeURIComponent(JSON.stringify({ filename: 'plan.txt' }));
    expect(await startOf(DOCS, `?open=true&args=${file}`)).toEqual(['view', 'docs', 'plan.txt']);
    expect(await startOf(DOCS, '?path=/alice/docs/inner')).toEqual(['drive', 'docs', 'inner']);
    expect(await startOf(DOCS, '?path=/alice/other')).toEqual(['drive', 'docs']);
    const absent = encodeURIComponent(JSON.stringify({ filename: 'absent' }));
    expect(await startOf(DOCS, `?open=true&args=${absent}`)).toEqual(['drive', 'docs']);
  });

  it('opens an address that holds the capability itself', async () => {
    const { town, alice, guest } = await house();
    const { client } = await guest();
    const link = await alice.links.create(DOCS, false);
    const found = await openLink(visitor(town), parseLinkAddress(alice.links.addressOf(link)));
    const { capability } = found;
    const address = capabilityLinkAddress({ host: undefined, capability, wishes: NO_WISHES });
    const { path } = opened(await client.openLink(address));
    expect(await listed(client, path)).toEqual(['inner', 'plan.txt']);
  });
});

describe('what a link leads to', () => {
  it('is saved into the drive of who is signed in, and nobody else’s', async () => {
    const { alice, guest } = await house();
    const tab = await guest();
    const { client } = tab;
    const link = await alice.links.create(DOCS, false);
    await client.openLink(alice.links.addressOf(link));
    await expect(client.saveLink()).rejects.toMatchObject({ name: 'NotSignedIn' });
    await client.signUp({ username: 'bob', password: GOOD, staySignedIn: true });
    // The drive on screen is still that of the link.
    expect(await client.saveLink()).toEqual({ username: 'bob', leftOut: [] });
    await client.saveLink();
    const own = await guest();
    expect(await own.client.resume()).toBe(true);
    expect(await namesIn(own.client, [])).toEqual(['docs', 'docs (copy)']);
    const deep = await own.client.find(['bob', 'docs', 'inner', 'deep.txt']);
    expect(await readAll(own.client, deep.entry.id)).toEqual(utf8('deep'));
    await alice.drive.remove(await alice.drive.home(), [
      (await alice.drive.find(await alice.drive.home(), 'docs'))!,
    ]);
    expect(await readAll(own.client, deep.entry.id)).toEqual(utf8('deep'));
  });

  it('is read at the server the address names, and saved into a drive of this browser', async () => {
    const { town, alice } = await house();
    const browser = createBrowser();
    browser.servers.set('https://far.example', town);
    const tab = await openTab(browser);
    tabs.push(tab);
    const { client } = tab;
    const link = await alice.links.create(DOCS, false);
    const address = alice.links.addressOf(link);
    await expect(client.openLink(address)).rejects.toMatchObject({ name: 'LinkElsewhere' });
    await client.openLink(`https://far.example/${address}`);
    await client.signUp({ username: 'bob', password: GOOD, staySignedIn: true });
    expect(await client.saveLink()).toEqual({ username: 'bob', leftOut: [] });
    const own = await openTab(browser);
    tabs.push(own);
    await own.client.resume();
    const deep = await own.client.find(['bob', 'docs', 'inner', 'deep.txt']);
    expect(await readAll(own.client, deep.entry.id)).toEqual(utf8('deep'));
  });

  it('is saved by who stays signed in without being asked for a password', async () => {
    const { alice, guest } = await house();
    await (await guest()).client.signUp({ username: 'bob', password: GOOD, staySignedIn: true });
    const { client } = await guest();
    const link = await alice.links.create(PLAN, false);
    await client.openLink(alice.links.addressOf(link));
    expect(await client.saveLink()).toMatchObject({ username: 'bob' });
  });
});
