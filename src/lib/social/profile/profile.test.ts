/** Profiles: written, shared field by field, and read by friends. */
import { describe, expect, it } from 'vitest';
import { fromHex } from '#lib/bytes/index.ts';
import { bytesSource } from '#lib/drive/index.ts';
import type { Recipient } from '../share/sharing.ts';
import { befriend, createTown, putText, settle, textOf, type TestPerson } from '../testing.ts';
import { Profile } from './profile.ts';
import type { ProfileField } from './fields.ts';

const FRIENDS: Recipient = { kind: 'group', name: 'friends' };
const BOB: Recipient = { kind: 'person', username: 'bob' };
const PNG = fromHex('89504e470d0a1a0a0000000d');

async function friends() {
  const town = createTown();
  const [alice, bob] = [await settle(town, 'alice'), await settle(town, 'bob')];
  await befriend(alice, bob);
  return { town, alice, bob };
}

/** What a device that knows nothing shows of somebody's profile. */
async function seenBy(who: TestPerson, username: string, fields?: readonly ProfileField[]) {
  const device = who.another();
  await device.mount();
  return device.profile.of(username, undefined, fields);
}

async function share(who: TestPerson, field: ProfileField, recipient = FRIENDS): Promise<void> {
  await who.sharing.share([who.profile.pathOf(field)], [recipient], 'read');
}

describe('the own profile', () => {
  it('is empty at first, and holds what is written into it', async () => {
    const { alice } = await friends();
    expect(await alice.profile.own()).toEqual({});
    const fields = {
      firstName: 'Alice',
      lastName: 'Liddell',
      status: 'down the rabbit hole 🐇',
      bio: 'curiouser\nand curiouser',
      phone: '+44 1865 276150',
      email: 'alice@example.org',
      webRoot: 'alice/www',
      photo: PNG,
    };
    await alice.profile.change(fields);
    expect(await alice.another().profile.own()).toEqual(fields);
    await alice.profile.change({ status: '', bio: null, photo: null, lastName: 'Hargreaves' });
    const { status: _status, bio: _bio, photo: _photo, ...left } = fields;
    expect(await alice.another().profile.own()).toEqual({ ...left, lastName: 'Hargreaves' });
  });

  it('lies in files of its own in a hidden folder, as other clients write it', async () => {
    const { alice } = await friends();
    await alice.profile.change({ firstName: 'Alice', webRoot: 'alice/www', bio: null });
    const folder = await alice.drive.resolve(['.profile']);
    expect(folder.properties.isHidden).toBe(true);
    const found: Record<string, string> = {};
    for await (const rows of alice.drive.list(folder)) {
      for (const row of rows) {
        const file = await alice.drive.open(folder, row);
        expect(file.properties.isHidden).toBe(false);
        found[row.name] = await textOf(alice.drive, file);
      }
    }
    expect(found).toEqual({ firstname: 'Alice', webroot: 'alice/www' });
  });

  it.each([
    [{ bio: 'x'.repeat(16 * 1024 + 1) }, 'too long'],
    [{ photo: new Uint8Array(1024 * 1024 + 1) }, 'too large'],
    [{ photo: new TextEncoder().encode('<svg/>') }, 'PNG'],
    [{ webRoot: 'bob/www' }, 'your own folders'],
    [{ webRoot: 'alice' }, 'your own folders'],
    [{ webRoot: 'alice/../bob' }, 'your own folders'],
    [{ webRoot: '/alice/www' }, 'your own folders'],
  ])('refuses what no profile may hold (%#)', async (change, sentence) => {
    const alice = await settle(createTown(), 'alice');
    await expect(alice.profile.change(change)).rejects.toThrow(sentence);
    expect(await alice.profile.own()).toEqual({});
  });
});

describe('a profile among friends', () => {
  it('shows the fields that were shared, and their later content', async () => {
    const { alice, bob } = await friends();
    await alice.profile.change({ firstName: 'Alice', status: 'here', phone: '1' });
    expect(await seenBy(bob, 'alice')).toEqual({});
    await share(alice, 'firstName');
    await share(alice, 'status', BOB);
    expect(await seenBy(bob, 'alice')).toEqual({ firstName: 'Alice', status: 'here' });
    expect(await seenBy(bob, 'alice', ['status', 'phone'])).toEqual({ status: 'here' });
    await alice.profile.change({ status: 'there', firstName: null });
    expect(await seenBy(bob, 'alice')).toEqual({ status: 'there' });
  });

  it('shows nothing any more of what was taken back, also after a change', async () => {
    const { town, alice, bob } = await friends();
    const carol = await settle(town, 'carol');
    await befriend(alice, carol);
    await alice.profile.change({ status: 'here', phone: '1' });
    await share(alice, 'status', BOB);
    await share(alice, 'status', { kind: 'person', username: 'carol' });
    await share(alice, 'phone', BOB);
    await alice.sharing.unshare(alice.profile.pathOf('status'), [BOB], 'read');
    await alice.profile.change({ status: 'there' });
    expect(await seenBy(bob, 'alice')).toEqual({ phone: '1' });
    expect(await seenBy(carol, 'alice')).toEqual({ status: 'there' });
  });

  it('shows nothing of fields that break their bounds', async () => {
    const { alice, bob } = await friends();
    await putText(alice, ['.profile', 'firstname'], 'Alice');
    await putText(alice, ['.profile', 'bio'], 'x'.repeat(20_000));
    await putText(alice, ['.profile', 'status', 'folder'], 'no file');
    const source = bytesSource(new Uint8Array([0xff, 0xfe]));
    const items = [{ path: ['.profile', 'lastname'], source }];
    await alice.drive.upload(await alice.drive.home(), items);
    await alice.sharing.share([['alice', '.profile']], [BOB], 'read');
    expect(await seenBy(bob, 'alice')).toEqual({ firstName: 'Alice' });
  });

  it('is not known of somebody who is not followed', async () => {
    const { alice } = await friends();
    const profile = new Profile(alice.deps);
    await expect(profile.of('bob')).rejects.toMatchObject({ name: 'PathNotFound' });
  });
});
