/** A website: chosen, found by strangers through the profile, changed and ended. */
import { describe, expect, it } from 'vitest';
import { guestDrive } from '../links/open-link.ts';
import { files, house, visitor } from '../links/testing.ts';
import { putText } from '../testing.ts';
import { findPublished } from './find-published.ts';
import { Website } from './website.ts';

const DOCS = ['alice', 'docs'];
const FIELD = ['alice', '.profile', 'webroot'];

async function setting() {
  const set = await house();
  await putText(set.alice, ['www', 'index.html'], 'welcome');
  const website = new Website(set.alice.deps);
  let visitors = 0;
  const look = async (path: readonly string[]) => {
    const deps = visitor(set.town, `visitor ${String((visitors += 1))}`);
    const { item } = await findPublished(deps, path);
    const drive = guestDrive(deps.driveDeps, []);
    if (item.isDirectory) return files(drive, item);
    const pieces: Uint8Array[] = [];
    for await (const piece of drive.read(item)) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  };
  return { ...set, website, look };
}

const absent = expect.objectContaining({ name: 'NotPublic' });

describe('a website', () => {
  it('is none at first, and then the folder that the public field names', async () => {
    const { alice, website, look } = await setting();
    expect(await website.state()).toEqual({ root: undefined, isPublic: false });
    await expect(look(FIELD)).rejects.toEqual(absent);
    expect(await website.publish(DOCS)).toEqual([]);
    const again = new Website(alice.another().deps);
    expect(await again.state()).toEqual({ root: DOCS, isPublic: true });
    expect(await look(FIELD)).toBe('alice/docs');
    expect(await look(DOCS)).toHaveProperty(['plan.txt'], 'the plan');
    expect(await alice.profile.own()).toEqual({ webRoot: 'alice/docs' });
  });

  it('can be another folder, and then the former one is public no longer', async () => {
    const { alice, website, look } = await setting();
    await website.publish(DOCS);
    await website.publish(['alice', 'www']);
    expect(await look(FIELD)).toBe('alice/www');
    expect(await look(['alice', 'www'])).toEqual({ 'index.html': 'welcome' });
    await expect(look(DOCS)).rejects.toEqual(absent);
    expect(await alice.publicFiles.all()).toEqual([FIELD, ['alice', 'www']]);
  });

  it('ends with its publication; the folder stays with its owner', async () => {
    const { alice, website, look } = await setting();
    expect(await website.unpublish()).toEqual([]);
    await website.publish(DOCS);
    expect(await website.unpublish()).toEqual([]);
    expect(await website.state()).toEqual({ root: undefined, isPublic: false });
    await expect(look(DOCS)).rejects.toEqual(absent);
    expect(await look(FIELD)).toBe('');
    expect(await files(alice.drive, await alice.drive.resolve(['docs']))).toHaveProperty(
      ['plan.txt'],
      'the plan',
    );
  });

  it('that was deleted can be ended and replaced', async () => {
    const { alice, website } = await setting();
    const { drive } = alice;
    await website.publish(DOCS);
    const home = await drive.home();
    await drive.remove(home, [(await drive.find(home, 'docs'))!]);
    expect(await website.state()).toEqual({ root: DOCS, isPublic: false });
    await website.publish(['alice', 'www']);
    expect(await website.state()).toEqual({ root: ['alice', 'www'], isPublic: true });
  });

  it('is a folder, and one’s own', async () => {
    const { website } = await setting();
    const plan = website.publish([...DOCS, 'plan.txt']);
    await expect(plan).rejects.toMatchObject({ name: 'NotADirectory' });
    await expect(website.publish(['alice'])).rejects.toMatchObject({ name: 'ShareRefused' });
    await expect(website.publish(['bob', 'www'])).rejects.toMatchObject({ name: 'ShareRefused' });
    const missing = website.publish(['alice', 'nowhere']);
    await expect(missing).rejects.toMatchObject({ name: 'PathNotFound' });
    expect(await website.state()).toEqual({ root: undefined, isPublic: false });
  });
});
