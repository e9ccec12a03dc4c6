/** What other clients shared, taken back and changed by ours. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Session } from '#lib/account/index.ts';
import { bytesSource, type DriveDeps, type Handle } from '#lib/drive/index.ts';
import { Follow, FriendRoots, Sharing, type SocialDeps } from '#lib/social/index.ts';
import {
  deviceOn,
  loadWholeSet,
  readTree,
  signInTo,
  type LoadedSet,
  type Row,
} from '../../scripts/interop-read.ts';
import { readSocial, socialDeps, type FriendRow } from '../../scripts/interop-social.ts';
import { setFolders, setUsers, sharesIn, type SetShare } from './sets.ts';

const TIMEOUT_MS = 120_000;

const shares = setFolders.flatMap((folder) =>
  sharesIn(folder)
    // The folders of groups are no items of a person.
    .filter(({ path }) => !path.includes('/shared/.'))
    .map((share) => ({ folder, ...share })),
);
const direct = shares.filter(({ via }) => via === 'direct');
const byGroup = shares.filter(({ via }) => via !== 'direct');
const writable = direct.filter(({ rights }) => rights === 'write');

function failOnDamage(sentence: string): never {
  throw new Error(sentence);
}

class Person {
  readonly device: DriveDeps;
  readonly session: Session;
  readonly deps: SocialDeps;

  private constructor(device: DriveDeps, session: Session) {
    this.device = device;
    this.session = session;
    this.deps = socialDeps(device, session);
  }

  static async of(set: LoadedSet, folder: string, username: string): Promise<Person> {
    const user = setUsers.find((one) => one.folder === folder && one.username === username)!;
    const device = deviceOn(set);
    return new Person(device, await signInTo({ ...set, username }, device, user.password));
  }

  async seenOf(friend: string): Promise<readonly FriendRow[]> {
    const report = await readSocial(this.device, this.session, failOnDamage);
    return report.friendFiles[friend]!;
  }

  /** The own tree without the records of shares. */
  async own(): Promise<Row[]> {
    const rows: Row[] = [];
    const home = `/${this.session.username}/`;
    const isRecord = ({ path }: Row): boolean =>
      ['.capabilitycache/', 'shared/'].some((name) => path.startsWith(home + name));
    for await (const row of readTree(this.device, this.session, failOnDamage)) {
      if (!isRecord(row)) rows.push(row);
    }
    return rows;
  }

  /** What lies at a path, from any root. */
  async at(path: string): Promise<Handle> {
    const { drive } = this.deps;
    new FriendRoots(this.deps).mount(await new Follow(this.deps).people());
    const [root, ...names] = partsOf(path);
    let handle = await drive.roots.open(root!);
    for (const name of names) handle = await drive.open(handle, (await drive.find(handle, name))!);
    return handle;
  }
}

const partsOf = (path: string): string[] => path.slice(1).split('/');

async function peopleOf({ folder, owner, recipient }: SetShare & { readonly folder: string }) {
  const set = await loadWholeSet(folder, owner, failOnDamage);
  return {
    set,
    giver: await Person.of(set, folder, owner),
    taker: await Person.of(set, folder, recipient),
  };
}

/** Rows without what lies at a path or below it, nor folders that led to nothing else. */
function without(rows: readonly FriendRow[], path: string): FriendRow[] {
  const left = rows.filter((row) => row.path !== path && !row.path.startsWith(`${path}/`));
  const leads = (row: FriendRow): boolean =>
    left.some((other) => other.path.startsWith(`${row.path}/`) && !('readable' in other));
  return left.filter((row) => !('readable' in row) || leads(row));
}

describe.runIf(direct.length > 0)('what another client shared', () => {
  it.each(direct)(
    '$path is taken back from $recipient ($rights), and nothing else',
    { timeout: TIMEOUT_MS },
    async (share) => {
      const { folder, path, recipient: username, rights } = share;
      const { set, giver, taker } = await peopleOf(share);
      const [before, own] = [await taker.seenOf(share.owner), await giver.own()];
      const held = await taker.at(path);
      const recipient = { kind: 'person', username } as const;
      await new Sharing(giver.deps).unshare(partsOf(path), [recipient], rights);
      const again = await Person.of(set, folder, username);
      expect(await again.seenOf(share.owner)).toEqual(without(before, path));
      await expect(again.deps.drive.openCapability(held.capability)).rejects.toThrow();
      const owner = await Person.of(set, folder, share.owner);
      expect(await owner.own()).toEqual(own);
      const report = await readSocial(owner.device, owner.session, failOnDamage);
      expect(report.sharedByMe[path]?.[rights] ?? []).not.toContain(username);
    },
  );
});

describe.runIf(byGroup.length > 0)('what another client shared with a group', () => {
  it.each(byGroup)(
    '$path is taken back from $via, and $recipient sees it no more',
    { timeout: TIMEOUT_MS },
    async (share) => {
      const { set, giver, taker } = await peopleOf(share);
      const before = await taker.seenOf(share.owner);
      const name = share.via === 'friends' ? 'friends' : 'followers';
      const sharing = new Sharing(giver.deps);
      await sharing.unshare(partsOf(share.path), [{ kind: 'group', name }], share.rights);
      const again = await Person.of(set, share.folder, share.recipient);
      expect(await again.seenOf(share.owner)).toEqual(without(before, share.path));
    },
  );
});

describe.runIf(writable.length > 0)('what another client shared to write', () => {
  it.each(writable)('$path is written by $recipient', { timeout: TIMEOUT_MS }, async (share) => {
    const { set, taker } = await peopleOf(share);
    const text = new TextEncoder().encode('from ours');
    const place = await taker.at(share.path);
    const items = [{ path: ['new folder', 'new.txt'], source: bytesSource(text) }];
    await taker.deps.drive.upload(place, items);
    const owner = await Person.of(set, share.folder, share.owner);
    const found = (await owner.own()).find(({ path }) => path.endsWith('/new folder/new.txt'));
    expect(found).toMatchObject({
      path: `${share.path}/new folder/new.txt`,
      sha256: createHash('sha256').update(text).digest('hex'),
    });
  });
});
