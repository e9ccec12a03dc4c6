/** Apps from one account to another without a friendship: signed, public or by a link. */
import { beforeAll, expect, it, vi } from 'vitest';
import { closingTabs, createBrowser, signedUpTab, type Tab } from './testing.ts';

const tabs = closingTabs();

beforeAll(() => vi.stubGlobal('location', { origin: 'https://drive.example.org' }));

async function authorAndReader() {
  const browser = createBrowser();
  const alice = await signedUpTab(tabs, browser, 'alice');
  const bob = await signedUpTab(tabs, browser, 'bob');
  const { entry } = await alice.client.openFolder(['alice']);
  const path = await alice.client.newApp(entry.id, 'My list');
  return { alice, bob, path };
}

/** Puts a text in place of a file of the app. */
async function overwrite({ client }: Tab, path: readonly string[], text: string): Promise<void> {
  const { folder } = await client.find(path);
  const done = Promise.withResolvers<undefined>();
  const stop = client.subscribe((event) => {
    if (event.kind === 'transfers' && event.transfers.some(({ state }) => state === 'done')) {
      done.resolve(undefined);
    }
  });
  const name = path.at(-1)!;
  await client.upload(folder.entry.id, [{ path: [name], file: new File([text], name) }], 'replace');
  await done.promise;
  stop();
}

const VERIFIED = {
  change: 'new',
  source: { owner: 'alice', path: '/alice/mylist', isVerified: true },
  signature: { author: 'alice', isGood: true },
};

it('an app that is public is installed by a stranger, who sees whose it is', async () => {
  const { alice, bob, path } = await authorAndReader();
  const source = { kind: 'public', path } as const;
  await expect(bob.client.reviewApp(source)).rejects.toMatchObject({ name: 'NotPublic' });
  expect(await alice.client.appPublication(path)).toMatchObject({
    title: 'My list',
    isPublished: false,
    isPublic: false,
    versions: [],
  });
  expect(await alice.client.publishApp(path, 'public')).toBe('/alice/mylist');
  const { version, isPublished, isPublic, versions } = await alice.client.appPublication(path);
  expect([isPublished, isPublic]).toEqual([true, true]);
  expect(versions).toEqual([{ version, time: expect.stringMatching(/^20\d\d-/u) as string }]);
  const review = await bob.client.reviewApp(source);
  expect(review).toMatchObject(VERIFIED);
  await bob.client.installApp(review.id);
  expect((await bob.client.apps()).apps).toMatchObject([
    { title: 'My list', source: VERIFIED.source },
  ]);
});

it('an app by a link is installed by who has the address', async () => {
  const { alice, bob, path } = await authorAndReader();
  const address = await alice.client.publishApp(path, 'link');
  expect(await bob.client.reviewApp({ kind: 'link', address })).toMatchObject(VERIFIED);
  expect((await alice.client.appPublication(path)).isPublic).toBe(false);
  const damaged = bob.client.reviewApp({ kind: 'link', address: 'https://example.org/nothing' });
  await expect(damaged).rejects.toMatchObject({ name: 'BadLinkAddress' });
});

it('a file that was changed after it was signed makes the signature bad, until it is published anew', async () => {
  const { alice, bob, path } = await authorAndReader();
  await alice.client.publishApp(path, 'public');
  await overwrite(alice, [...path, 'assets', 'index.html'], '<!DOCTYPE html>other');
  const source = { kind: 'public', path } as const;
  expect(await bob.client.reviewApp(source)).toMatchObject({ signature: { isGood: false } });
  expect((await alice.client.appPublication(path)).isPublished).toBe(false);
  // The same version with other files is no version of its own.
  const again = alice.client.publishApp(path, 'public');
  await expect(again).rejects.toMatchObject({ name: 'AppVersionTaken' });
});

const manifestOf = (version: string, permissions: readonly string[]): string =>
  JSON.stringify({
    displayName: 'My list',
    name: 'mylist',
    description: '',
    version,
    author: '',
    launchable: true,
    permissions,
  });

it('a new version in a public folder is found by a stranger who installed the app, if it is signed', async () => {
  const { alice, bob, path } = await authorAndReader();
  await alice.client.publishApp(path, 'public');
  const source = { kind: 'public', path } as const;
  await bob.client.installApp((await bob.client.reviewApp(source)).id);
  expect(await bob.client.appUpdates()).toEqual([]);

  const manifest = [...path, 'peergos-app.json'];
  await overwrite(alice, manifest, manifestOf('9.0.0', ['STORE_APP_DATA', 'READ_CHOSEN_FOLDER']));
  expect(await bob.client.appUpdates()).toEqual([]);
  await alice.client.publishApp(path, 'public');
  const update = { name: 'mylist', version: '9.0.0', path, isPublic: true };
  expect(await bob.client.appUpdates()).toEqual([update]);
  // At the start of the app it is looked for once a day.
  expect(await bob.client.appUpdate('mylist')).toEqual(update);
  expect(await bob.client.appUpdate('mylist')).toBeUndefined();

  const review = await bob.client.reviewApp(source);
  expect(review).toMatchObject({ change: 'update', signature: { author: 'alice', isGood: true } });
  expect(review.notices).toContainEqual({
    key: 'READ_CHOSEN_FOLDER',
    isAdded: true,
    isAvailable: true,
  });
  await bob.client.installApp(review.id);
  expect(await bob.client.appUpdates()).toEqual([]);
});
