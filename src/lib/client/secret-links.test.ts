/** Secret links, as the screens ask for them, and what somebody without an account gets by them. */
import { beforeAll, afterAll, describe, expect, it, vi } from 'vitest';
import { createPlace } from '#lib/account/testing.ts';
import { utf8 } from '#lib/bytes/index.ts';
import { bytesSource } from '#lib/drive/index.ts';
import { guestDrive, openLink, parseLinkAddress } from '#lib/social/index.ts';
import { visit, visitor } from '#lib/social/links/testing.ts';
import {
  closingTabs,
  createBrowser,
  folderOf,
  GOOD,
  openTab,
  textFile,
  uploadAll,
} from './testing.ts';
import type { SecretLinkTerms } from './types.ts';

const ORIGIN = 'http://localhost:4173';
const PLAIN: SecretLinkTerms = { password: '', opens: false };
const tabs = closingTabs();

beforeAll(() => vi.stubGlobal('location', { origin: ORIGIN }));
afterAll(() => vi.unstubAllGlobals());

/** Somebody with a folder `trip`, in which is `day.txt`. */
async function withTrip() {
  const browser = createBrowser();
  const tab = await openTab(browser);
  tabs.push(tab);
  const { client } = tab;
  await client.signUp({ username: 'alice', password: GOOD, staySignedIn: false });
  const home = await folderOf(client);
  const { id } = await client.makeFolder(home.entry.id, 'trip');
  await uploadAll(tab, ['trip'], [textFile('day.txt', 'sun')]);
  const place = createPlace('guest', { stores: browser.stores });
  return { browser, tab, client, id, place };
}

describe('a secret link', () => {
  it('opens what it was made for to somebody without an account', async () => {
    const { client, id, place } = await withTrip();
    expect(await client.links(id)).toEqual([]);
    const link = await client.makeLink(id, 'read', PLAIN);
    expect(link).toMatchObject({ path: ['alice', 'trip'], right: 'read', ...PLAIN });
    expect(link.address).toMatch(
      /^http:\/\/localhost:4173\/secret\/z[1-9A-HJ-NP-Za-km-z]+\/\d+#[A-Za-z0-9]{12}$/u,
    );
    expect(await visit(place, link.address)).toEqual({ 'day.txt': 'sun' });
    expect(await client.links(id)).toEqual([link]);
    expect(await client.allLinks()).toEqual([link]);
    expect(await client.access(id)).toEqual([]);
    expect(await client.sharedByMe()).toEqual([]);
  });

  it('has a second address that asks for the download, with the same secret', async () => {
    const { client, id } = await withTrip();
    const { address, downloadAddress } = await client.makeLink(id, 'read', {
      ...PLAIN,
      opens: true,
    });
    const [shown, saved] = [parseLinkAddress(address), parseLinkAddress(downloadAddress)];
    expect(shown.wishes).toMatchObject({ open: true, download: false });
    expect(saved).toEqual({ ...shown, wishes: { ...shown.wishes, open: false, download: true } });
  });

  it('to a folder has addresses that open a file of it at once', async () => {
    const { tab, client, id, place } = await withTrip();
    await uploadAll(tab, ['trip'], [textFile('rain & wind.txt', 'grey')]);
    const link = await client.makeLink(id, 'read', PLAIN);
    const address = await client.linkToFile(link, ['rain & wind.txt']);
    expect(address.startsWith(`${link.address}?`)).toBe(true);
    expect(parseLinkAddress(address).wishes).toMatchObject({
      open: true,
      download: false,
      path: 'alice/trip',
      filename: 'rain & wind.txt',
    });
    expect(await visit(place, address)).toEqual({ 'day.txt': 'sun', 'rain & wind.txt': 'grey' });
    const deeper = await client.linkToFile(link, ['a', 'b', 'c.txt']);
    expect(parseLinkAddress(deeper).wishes).toMatchObject({ path: 'alice/trip/a/b' });
    expect(await client.links(id)).toEqual([link]);
    await client.removeLink(link);
    await expect(client.linkToFile(link, ['day.txt'])).rejects.toMatchObject({
      name: 'ShareRefused',
    });
  });

  it('to a drive on a node without a domain names that node, for no server to see', async () => {
    const server =
      '/ip4/192.0.2.7/udp/4001/webrtc-direct/certhash/' +
      'uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ' +
      '/p2p/12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5';
    const browser = createBrowser();
    const elsewhere = createPlace('node without a domain');
    browser.servers.set(server, elsewhere);
    const [tab, guest] = [await openTab(browser), await openTab(browser)];
    tabs.push(tab, guest);
    const { client } = tab;
    await client.signUp({ username: 'alice', password: GOOD, staySignedIn: false, server });
    const home = await folderOf(client);
    const { id } = await client.makeFolder(home.entry.id, 'trip');
    vi.stubGlobal('location', { href: 'https://gateway.example/ipfs/site/#here', origin: 'x' });
    const { address, downloadAddress } = await client.makeLink(id, 'read', PLAIN);
    expect(address.startsWith(`https://gateway.example/ipfs/site/#${server}/secret/z`)).toBe(true);
    expect(downloadAddress.startsWith(address)).toBe(true);
    vi.stubGlobal('location', { origin: 'null' });
    const opened = await guest.client.openLink(address.slice(address.indexOf('#') + 1));
    expect(opened).toMatchObject({ kind: 'open', item: { entry: { name: 'trip' } } });
    vi.stubGlobal('location', { origin: ORIGIN });
  });

  it('keeps its address when its terms change, and asks for what they say', async () => {
    const { browser, client, id, place } = await withTrip();
    const made = await client.makeLink(id, 'read', PLAIN);
    const endsMs = Math.ceil(browser.nowMs / 1000) * 1000 + 3_600_000;
    const terms = { password: 'sesame', endsMs, uses: 2, opens: true };
    const changed = await client.changeLink(made, terms);
    expect(changed).toMatchObject({ ...terms, label: made.label });
    expect(changed.address).toBe(`${made.address}?open=true`);
    await expect(visit(place, made.address)).rejects.toMatchObject({ name: 'WrongLinkPassword' });
    expect(await visit(place, made.address, 'sesame')).toEqual({ 'day.txt': 'sun' });
    await expect(visit(place, made.address, 'sesame')).rejects.toMatchObject({
      name: 'LinkUsedUp',
    });
    await client.changeLink(made, PLAIN);
    expect(await client.links(id)).toEqual([{ ...made, ...PLAIN }]);
    expect(await visit(place, made.address)).toEqual({ 'day.txt': 'sun' });
  });

  it('is answered until its end and no longer', async () => {
    const { browser, client, id, place } = await withTrip();
    const endsMs = Math.ceil(browser.nowMs / 1000) * 1000 + 60_000;
    const { address } = await client.makeLink(id, 'read', { ...PLAIN, endsMs });
    expect(await visit(place, address)).toEqual({ 'day.txt': 'sun' });
    const later = createPlace('later', { stores: browser.stores, nowMs: endsMs + 2_000 });
    await expect(visit(later, address)).rejects.toMatchObject({ name: 'LinkExpired' });
  });

  it('lets visitors change what it was made to change', async () => {
    const { client, id, place } = await withTrip();
    const link = await client.makeLink(id, 'write', PLAIN);
    expect(link.right).toBe('write');
    const guest = visitor(place);
    const { item, isWritable } = await openLink(guest, parseLinkAddress(link.address));
    expect(isWritable).toBe(true);
    const items = [{ path: ['note.txt'], source: bytesSource(utf8('hello')) }];
    await guestDrive(guest.driveDeps, []).upload(item, items);
    const { entry } = await client.find(['alice', 'trip', 'note.txt']);
    expect((await client.readText(entry.id, 100)).text).toBe('hello');
  });

  it('opens nothing after it was taken back, and the screens hear of it', async () => {
    const { client, id, place, tab } = await withTrip();
    const link = await client.makeLink(id, 'read', PLAIN);
    const other = await client.makeLink(id, 'read', PLAIN);
    tab.events.length = 0;
    await client.removeLink(link);
    expect(tab.events).toContainEqual(
      expect.objectContaining({ kind: 'folder-changed', path: ['alice'], names: ['trip'] }),
    );
    expect(await client.links(id)).toEqual([other]);
    await expect(visit(place, link.address)).rejects.toMatchObject({ name: 'LinkRemoved' });
    expect(await visit(place, other.address)).toEqual({ 'day.txt': 'sun' });
    await client.removeLink(link);
    await expect(client.changeLink(link, PLAIN)).rejects.toMatchObject({ name: 'ShareRefused' });
  });

  it('is refused for the whole drive, and with terms that make no sense', async () => {
    const { client, id } = await withTrip();
    const home = await folderOf(client);
    await expect(client.makeLink(home.entry.id, 'read', PLAIN)).rejects.toMatchObject({
      name: 'ShareRefused',
    });
    await expect(client.makeLink(id, 'read', { ...PLAIN, uses: 0 })).rejects.toMatchObject({
      name: 'ShareRefused',
    });
    expect(await client.allLinks()).toEqual([]);
  });
});
