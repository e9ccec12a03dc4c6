/** Making public: found by anybody by its path, in step with moves and new keys, and ended. */
import { describe, expect, it } from 'vitest';
import { Killed, killedAt } from '#lib/account/testing.ts';
import { guestDrive } from '../links/open-link.ts';
import { files, house, visitor } from '../links/testing.ts';
import { befriend, putText, seen, settle, textOf } from '../testing.ts';
import { findPublished } from './find-published.ts';

const DOCS = ['alice', 'docs'];
const PLAN = ['alice', 'docs', 'plan.txt'];
const STEPS_MAX = 200;
const WHOLE = { 'inner/deep.txt': 'deep', 'plan.txt': 'the plan' };

type House = Awaited<ReturnType<typeof house>>;
let visitors = 0;

/** What somebody without an account finds at a path, on a browser that knows nothing. */
async function look({ town }: House, path: readonly string[]) {
  const deps = visitor(town, `visitor ${(visitors += 1)}`);
  const found = await findPublished(deps, path);
  const drive = guestDrive(deps.driveDeps, []);
  if (!found.item.isDirectory) return textOf(drive, found.item);
  let at = found.item;
  for (const name of found.rest) at = await drive.open(at, (await drive.find(at, name))!);
  return at.isDirectory ? files(drive, at) : textOf(drive, at);
}

const notPublic = (path: readonly string[]) =>
  expect.objectContaining({ name: 'NotPublic', message: `“/${path.join('/')}” is not public.` });

describe('a folder that is made public', () => {
  it('is read by anybody by its path, with what is put into it later, and nothing else', async () => {
    const set = await house();
    const { alice } = set;
    await expect(look(set, DOCS)).rejects.toEqual(notPublic(DOCS));
    await alice.publicFiles.publish(DOCS);
    expect(await look(set, DOCS)).toEqual(WHOLE);
    expect(await look(set, [...DOCS, 'inner', 'deep.txt'])).toBe('deep');
    await putText(alice, ['docs', 'plan.txt'], 'another plan');
    expect(await look(set, PLAN)).toBe('another plan');
    const other = ['alice', 'other.txt'];
    await expect(look(set, other)).rejects.toEqual(notPublic(other));
    await expect(look(set, ['alice'])).rejects.toEqual(notPublic(['alice']));
    expect(await alice.another().publicFiles.all()).toEqual([DOCS]);
    expect(await alice.publicFiles.publicBy(PLAN)).toEqual(DOCS);
    expect(await alice.publicFiles.publicBy(other)).toBeUndefined();
  });

  it('is found by the server as the protocol has it', async () => {
    const { town, alice } = await house();
    await alice.publicFiles.publish(DOCS);
    await alice.publicFiles.publish(['alice', 'other.txt']);
    const link = await town.node.links.published('alice', ['docs']);
    expect(await town.node.links.published('alice', ['docs', 'plan.txt'])).toBe(link);
    expect(await town.node.links.published('alice', ['other.txt'])).not.toBe(link);
  });

  it('can be published twice, and file by file, up to a directory that is a tree', async () => {
    const set = await house();
    const { alice } = set;
    const names = Array.from({ length: 40 }, (_, i) => `file ${String(i)}`);
    for (const name of names) await putText(alice, ['many', name], name);
    for (const name of names) await alice.publicFiles.publish(['alice', 'many', name]);
    await alice.publicFiles.publish(['alice', 'many', names[3]!]);
    for (const name of names) {
      expect(await look(set, ['alice', 'many', name])).toBe(name);
      expect(await set.town.node.links.published('alice', ['many', name])).toMatch(/^#/u);
    }
    expect(await alice.publicFiles.all()).toHaveLength(40);
    for (const name of names) await alice.publicFiles.unpublish(['alice', 'many', name]);
    expect(await alice.publicFiles.all()).toEqual([]);
    await alice.publicFiles.publish(['alice', 'many']);
    expect(Object.keys((await look(set, ['alice', 'many'])) as object)).toHaveLength(40);
  }, 60_000);

  it('is public no longer when that is ended, also for who kept its address', async () => {
    const set = await house();
    const { alice, town } = set;
    await alice.publicFiles.publish(DOCS);
    const deps = visitor(town);
    const kept = await findPublished(deps, DOCS);
    expect(await alice.publicFiles.unpublish(DOCS)).toEqual([]);
    await expect(look(set, DOCS)).rejects.toEqual(notPublic(DOCS));
    const again = guestDrive(visitor(town, 'later').driveDeps, []);
    await expect(again.openCapability(kept.capability)).rejects.toMatchObject({
      name: 'DanglingEntry',
    });
    expect(await files(alice.drive, await alice.drive.resolve(['docs']))).toEqual(WHOLE);
    expect(await alice.publicFiles.unpublish(DOCS)).toEqual([]);
  });

  it('stays shared with whom it was shared, and public below where that was asked for', async () => {
    const set = await house();
    const { alice, town } = set;
    const bob = await settle(town, 'bob');
    await befriend(alice, bob);
    await alice.sharing.share([DOCS], [{ kind: 'person', username: 'bob' }], 'read');
    await alice.publicFiles.publish(DOCS);
    await alice.publicFiles.publish(PLAN);
    await alice.publicFiles.unpublish(DOCS);
    expect(await look(set, PLAN)).toBe('the plan');
    const inner = [...DOCS, 'inner'];
    await expect(look(set, inner)).rejects.toEqual(notPublic(inner));
    expect(await seen(bob.another(), 'alice')).toMatchObject({ 'docs/plan.txt': 'the plan' });
  });

  it('stays public when others lose access, or may change it from now on', async () => {
    const set = await house();
    const { alice, town } = set;
    const bob = await settle(town, 'bob');
    await befriend(alice, bob);
    const toBob = [{ kind: 'person', username: 'bob' }] as const;
    await alice.publicFiles.publish([...DOCS, 'inner']);
    await alice.sharing.share([DOCS], toBob, 'write');
    expect(await look(set, [...DOCS, 'inner'])).toEqual({ 'deep.txt': 'deep' });
    await alice.sharing.unshare(DOCS, toBob, 'write');
    expect(await look(set, [...DOCS, 'inner'])).toEqual({ 'deep.txt': 'deep' });
  });

  it('is public under its new name after a renaming, and not at all once it is deleted', async () => {
    const set = await house();
    const { alice } = set;
    const { drive } = alice;
    await alice.publicFiles.publish(DOCS);
    const home = await drive.home();
    await drive.rename(home, (await drive.find(home, 'docs'))!, 'papers');
    await expect(look(set, DOCS)).rejects.toEqual(notPublic(DOCS));
    expect(await look(set, ['alice', 'papers'])).toEqual(WHOLE);
    const now = await drive.home();
    await drive.remove(now, [(await drive.find(now, 'papers'))!]);
    expect(await alice.publicFiles.all()).toEqual([]);
  });

  it('is public no longer when it is thrown away', async () => {
    const { alice } = await house();
    const { drive } = alice;
    await alice.publicFiles.publish(DOCS);
    await drive.change(async (change, home) => {
      await drive.records!.moved(change, home, DOCS, ['alice', '.trash', '1', 'docs']);
    });
    expect(await alice.publicFiles.all()).toEqual([]);
  });

  it.each([
    ['the whole drive', ['alice']],
    ['somebody else’s', ['bob', 'docs']],
    ['the folder of what is shared', ['alice', 'shared']],
    ['records of the app', ['alice', '.capabilitycache', 'outbound']],
  ])('is never %s', async (_, path) => {
    const { alice } = await house();
    await expect(alice.publicFiles.publish(path)).rejects.toMatchObject({ name: 'ShareRefused' });
    expect(await alice.publicFiles.all()).toEqual([]);
  });
});

describe('a device that dies', () => {
  it.each([
    ['publishing', false],
    ['ending a publication', true],
  ])('while %s leaves the old state or the new one', async (_, isPublished) => {
    const set = await house();
    const { alice, town } = set;
    if (isPublished) await alice.publicFiles.publish(DOCS);
    let deaths = 0;
    for (; deaths < STEPS_MAX; deaths++) {
      const device = alice.onNode(killedAt(town.node, deaths + 1));
      try {
        if (isPublished) await device.publicFiles.unpublish(DOCS);
        else await device.publicFiles.publish(DOCS);
        break;
      } catch (error) {
        if (!(error instanceof Killed)) throw error;
      }
      const fresh = alice.another();
      const isPublic = (await fresh.publicFiles.all()).length > 0;
      if (isPublic) expect(await look(set, DOCS)).toEqual(WHOLE);
      else await expect(look(set, DOCS)).rejects.toEqual(notPublic(DOCS));
      const own = await files(fresh.drive, await fresh.drive.resolve(['docs']));
      expect(own).toEqual(WHOLE);
    }
    expect(deaths).toBeGreaterThan(5);
    expect(await alice.another().publicFiles.all()).toEqual(isPublished ? [] : [DOCS]);
  });
});
