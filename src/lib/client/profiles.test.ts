/** Profiles and photos, as the screens ask for them: two friends in one browser. */
import { describe, expect, it } from 'vitest';
import { fromHex } from '#lib/bytes/index.ts';
import { befriended, closingTabs, createBrowser, signedUpTab, type Tab } from './testing.ts';
import type { ShareRecipient } from './types.ts';

const tabs = closingTabs();
const FRIENDS: ShareRecipient = { kind: 'group', name: 'friends' };
const FOLLOWERS: ShareRecipient = { kind: 'group', name: 'followers' };
const BOB: ShareRecipient = { kind: 'person', username: 'bob' };

/** The beginning of a PNG that says how large it is. */
const pngOf = (width: string, height: string) =>
  fromHex(`89504e470d0a1a0a0000000d49484452${width}${height}0802000000`);
const SMALL_PNG = pngOf('00000190', '00000190');
const HUGE_PNG = pngOf('00007530', '00007530');

const fileOf = (content: Uint8Array | string, name: string, type: string) =>
  new File([content as BlobPart], name, { type });
const photoFile = fileOf(SMALL_PNG, 'me.png', 'image/png');

async function bytesOf(photo: Blob | undefined): Promise<Uint8Array | undefined> {
  return photo && new Uint8Array(await photo.arrayBuffer());
}

async function friends(): Promise<{ alice: Tab; bob: Tab }> {
  const [alice, bob] = await befriended(tabs);
  return { alice, bob };
}

/** Writes bytes as the photo of a profile, as a client without checks would, and shares them. */
async function putPhoto({ client }: Tab, bytes: Uint8Array | string): Promise<void> {
  await client.changePhoto(photoFile);
  const { folder } = await client.find(['alice', '.profile', 'photo']);
  const items = [{ path: ['photo'], file: fileOf(bytes, 'photo', 'image/png') }];
  const done = Promise.withResolvers<undefined>();
  const stop = client.subscribe((event) => {
    if (event.kind === 'transfers' && event.transfers.some(({ state }) => state === 'done')) {
      done.resolve(undefined);
    }
  });
  await client.upload(folder.entry.id, items, 'replace');
  await done.promise;
  stop();
  await client.shareProfile(['photo'], [BOB]);
}

describe('the own profile', () => {
  it('is empty and seen by nobody at first, and holds what is written', async () => {
    const { client } = await signedUpTab(tabs, createBrowser(), 'alice');
    expect(await client.ownProfile()).toEqual({ texts: {}, hasPhoto: false, sharedWith: {} });
    await client.changeProfile({ firstName: 'Alice', status: 'here' });
    await client.changePhoto(photoFile);
    const own = { texts: { firstName: 'Alice', status: 'here' }, hasPhoto: true, sharedWith: {} };
    expect(await client.ownProfile()).toEqual(own);
    expect(await bytesOf(await client.photoOf('alice'))).toEqual(SMALL_PNG);
    await client.changeProfile({ status: '' });
    await client.changePhoto(undefined);
    expect(await client.ownProfile()).toMatchObject({
      texts: { firstName: 'Alice' },
      hasPhoto: false,
    });
    expect(await client.photoOf('alice')).toBeUndefined();
  });

  it('takes only pictures of points and of a sane size as a photo', async () => {
    const { client } = await signedUpTab(tabs, createBrowser(), 'alice');
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>';
    for (const bytes of [svg, '<!doctype html><script>1</script>', 'text', '', HUGE_PNG]) {
      const file = fileOf(bytes, 'me.png', 'image/png');
      await expect(client.changePhoto(file)).rejects.toMatchObject({ name: 'ProfileRefused' });
    }
    expect(await client.ownProfile()).toMatchObject({ hasPhoto: false });
  });

  it('refuses a website outside of the own drive', async () => {
    const { client } = await signedUpTab(tabs, createBrowser(), 'alice');
    await expect(client.changeProfile({ webRoot: 'bob/www' })).rejects.toMatchObject({
      name: 'ProfileRefused',
    });
  });
});

describe('the profile of a friend', () => {
  it('shows field by field what was shared, until it is taken back', async () => {
    const { alice, bob } = await friends();
    await alice.client.changeProfile({ firstName: 'Alice', status: 'here', phone: '1' });
    expect(await bob.client.profileOf('alice')).toEqual({ texts: {}, hasPhoto: false });
    await alice.client.shareProfile(['firstName', 'status'], [FRIENDS]);
    await alice.client.shareProfile(['phone'], [BOB]);
    expect((await alice.client.ownProfile()).sharedWith).toEqual({
      firstName: [FRIENDS],
      status: [FRIENDS],
      phone: [BOB],
    });
    const seen = { firstName: 'Alice', status: 'here', phone: '1' };
    expect(await bob.client.profileOf('alice')).toEqual({ texts: seen, hasPhoto: false });
    await alice.client.unshareProfile('phone', [BOB]);
    await alice.client.unshareProfile('firstName', [FRIENDS]);
    await alice.client.changeProfile({ status: 'there', phone: '2' });
    expect(await bob.client.profileOf('alice')).toEqual({
      texts: { status: 'there' },
      hasPhoto: false,
    });
    expect((await alice.client.ownProfile()).sharedWith).toEqual({ status: [FRIENDS] });
  });

  it('is no item among what is shared, and has its photo only by a share of it', async () => {
    const { alice, bob } = await friends();
    await alice.client.changePhoto(photoFile);
    expect(await bob.client.photoOf('alice')).toBeUndefined();
    await alice.client.shareProfile(['photo'], [FOLLOWERS]);
    expect(await alice.client.sharedByMe()).toEqual([]);
    expect(await bob.client.profileOf('alice')).toEqual({ texts: {}, hasPhoto: true });
  });

  it('says nothing of somebody who is not followed', async () => {
    const browser = createBrowser();
    const { client } = await signedUpTab(tabs, browser, 'alice');
    await signedUpTab(tabs, browser, 'bob');
    expect(await client.profileOf('bob')).toEqual({ texts: {}, hasPhoto: false });
    expect(await client.photoOf('bob')).toBeUndefined();
    expect(await client.photoOf('nobody-at-all')).toBeUndefined();
  });
});

describe('a photo of a friend', () => {
  it('is shown as what its bytes are, and is not looked for again at once', async () => {
    const browser = createBrowser();
    const [alice, bob] = await befriended(tabs, browser);
    expect(await bob.client.photoOf('alice')).toBeUndefined();
    await alice.client.changePhoto(photoFile);
    await alice.client.shareProfile(['photo'], [FRIENDS]);
    expect(await bob.client.photoOf('alice')).toBeUndefined(); // known a moment ago
    tabs.splice(tabs.indexOf(bob), 1)[0]?.close();
    const later = await signedUpTab(tabs, browser, 'bob', 'sign-in');
    const photo = await later.client.photoOf('alice');
    expect(photo?.type).toBe('image/png');
    expect(await bytesOf(photo)).toEqual(SMALL_PNG);
  });

  it.each([
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'],
    ['a page', '<!doctype html><img src=x onerror=alert(1)>'],
    ['a PNG of 30,000 by 30,000 points', HUGE_PNG],
    ['a PNG of 5,000 by 5,000 points', pngOf('00001388', '00001388')],
    ['a PNG without a size', fromHex('89504e470d0a1a0a')],
  ])('that is %s is none', async (_what, bytes) => {
    const { alice, bob } = await friends();
    await putPhoto(alice, bytes);
    expect(await bob.client.profileOf('alice')).toMatchObject({ hasPhoto: true });
    expect(await bob.client.photoOf('alice')).toBeUndefined();
  });
});

describe('a website', () => {
  it('is published, said to be public, and ended', async () => {
    const { client } = await signedUpTab(tabs, createBrowser(), 'alice');
    expect(await client.website()).toEqual({ isPublic: false });
    const { entry } = await client.openFolder(['alice']);
    await client.makeFolder(entry.id, 'www');
    const www = ['alice', 'www'];
    await client.publishWebsite(www);
    expect(await client.website()).toEqual({ root: www, isPublic: true });
    expect(await client.publicBy([...www, 'index.html'])).toEqual(www);
    expect(await client.publicAddress(www)).toBeUndefined(); // the drive is in this browser
    await client.unpublishWebsite();
    expect(await client.website()).toEqual({ isPublic: false });
    await client.publish(www);
    expect(await client.publicBy(www)).toEqual(www);
    await client.unpublish(www);
    expect(await client.publicBy(www)).toBeUndefined();
  });
});
