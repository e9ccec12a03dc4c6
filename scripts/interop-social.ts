/**
 * What an account of a set knows of other people: who is who, what is shared by it and with it, and
 * the profiles it sees. Friends' trees are read as the person would see them, hidden entries
 * included; what is damaged is told and passed over.
 */
import { TrustStore, type Session } from '#lib/account/index.ts';
import { PyrgosError, toHex } from '#lib/bytes/index.ts';
import { canReadContent, isDirty } from '#lib/cryptree/index.ts';
import { sha256, systemRandom } from '#lib/crypto/index.ts';
import { DanglingEntry, Drive, type DriveDeps, type Handle } from '#lib/drive/index.ts';
import {
  Follow,
  FriendRoots,
  identitiesFrom,
  Profile,
  Sharing,
  Verification,
  type EntryShares,
  type GroupName,
  type LinkProperties,
  type ProfileFields,
  type SocialDeps,
} from '#lib/social/index.ts';
import { hashFile, rowsByName, type OnDamage } from './interop-read.ts';

export interface SocialReport {
  readonly social: {
    readonly followers: readonly string[];
    readonly following: readonly string[];
    readonly friends: readonly string[];
    readonly pendingOutgoing: readonly string[];
    readonly pendingIncoming: readonly string[];
    readonly blocked: readonly string[];
    readonly groups: Readonly<Partial<Record<GroupName, string>>>;
    /** Who was marked, whether or not his keys changed since. */
    readonly verified: readonly string[];
  };
  /** By path. */
  readonly sharedByMe: Readonly<Record<string, SharedRow>>;
  /** By the friend's name. */
  readonly friendFiles: Readonly<Record<string, readonly FriendRow[]>>;
  readonly profile: ProfileRow;
  /** By the friend's name. */
  readonly friendProfiles: Readonly<Record<string, ProfileRow>>;
}

/** Of these four null says that there is none; other fields are there if they can be seen. */
export interface ProfileRow {
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly status: string | null;
  readonly bio: string | null;
  readonly phone?: string;
  readonly email?: string;
  readonly webRoot?: string;
  readonly photo?: { readonly length: number; readonly sha256: string };
}

export interface SharedRow {
  readonly read: readonly string[];
  readonly write: readonly string[];
  readonly links: readonly LinkRow[];
}

interface LinkRow {
  readonly label: number;
  readonly url: string;
  readonly userPassword: string;
  readonly writable: boolean;
  readonly autoOpen: boolean;
  readonly maxRetrievals: number | null;
  readonly expirySeconds: number | null;
}

/** An entry of a friend's tree; of a folder that only leads to what is shared there is but its name. */
export type FriendRow =
  | { readonly path: string; readonly type: 'dir'; readonly readable: false }
  | (CommonRow & { readonly type: 'dir' })
  | (CommonRow & {
      readonly type: 'file';
      readonly size: number;
      readonly sha256: string;
      readonly treeHashRoot: string | null;
      /** Its key was replaced and its content is still under the former one. */
      readonly dirty: boolean;
    });

interface CommonRow {
  readonly path: string;
  readonly mimeType: string;
  readonly modifiedSeconds: number | bigint;
  readonly modifiedNanos: number;
  readonly createdSeconds: number | bigint;
  readonly createdNanos: number;
  readonly hidden: boolean;
  readonly writable: boolean;
  readonly thumbnail: {
    readonly mimeType: string;
    readonly length: number;
    readonly sha256: string;
  } | null;
  readonly owner: string;
  readonly writer: string;
}

/** Everything the signed-in account knows of others. Answers that wait are acted on first. */
export async function readSocial(
  device: DriveDeps,
  session: Session,
  onDamage: OnDamage,
): Promise<SocialReport> {
  const deps = socialDeps(device, session);
  const { drive } = deps;
  const unlessDamaged = async <T>(what: string, work: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof PyrgosError)) throw error;
      onDamage(`${what}: ${error.message}`);
      return otherwise;
    }
  };
  const follow = new Follow(deps);
  const state = await follow.state();
  new FriendRoots(deps).mount(await follow.people());
  const profile = new Profile(deps);
  const friendFiles: [name: string, rows: readonly FriendRow[]][] = [];
  const friendProfiles: [name: string, row: ProfileRow][] = [];
  for (const name of state.following.toSorted()) {
    friendFiles.push([name, await friendRows(drive, name, onDamage)]);
    // Why a tree cannot be read was told with its files.
    const fields = await profile.of(name).catch(noFields);
    friendProfiles.push([name, await profileRow(fields)]);
  }
  const verification = new Verification(deps);
  const marked = await unlessDamaged('The verified people', verification.marked(), []);
  const own = await unlessDamaged('The own profile', profile.own(), {});
  return {
    social: {
      followers: state.followers.toSorted(),
      following: state.following.toSorted(),
      friends: state.friends.toSorted(),
      pendingOutgoing: state.pendingOutgoing.toSorted(),
      pendingIncoming: state.pendingIncoming.toSorted(),
      blocked: state.blocked.toSorted(),
      groups: Object.fromEntries(await unlessDamaged('The groups', follow.groups(), new Map())),
      verified: marked.toSorted(),
    },
    sharedByMe: await unlessDamaged('What is shared', sharedRows(deps), {}),
    friendFiles: Object.fromEntries(friendFiles),
    profile: await profileRow(own),
    friendProfiles: Object.fromEntries(friendProfiles),
  };
}

/** What the rooms about people work with, for a user of a set. */
export function socialDeps(device: DriveDeps, session: Session): SocialDeps {
  const drive = new Drive(device, session.home);
  const trust = new TrustStore(drive, device.node);
  return {
    drive,
    driveDeps: device,
    node: device.node,
    person: session,
    random: systemRandom,
    clock: device.clock,
    ...identitiesFrom(trust),
  };
}

async function sharedRows(deps: SocialDeps): Promise<Record<string, SharedRow>> {
  const items = await new Sharing(deps).all();
  return Object.fromEntries(
    items.map(({ path, shares }) => [`/${path.join('/')}`, sharedRow(deps, shares)]),
  );
}

function sharedRow({ person }: SocialDeps, { read, write, links }: EntryShares): SharedRow {
  const owner = person.identity.hash.toString();
  return {
    read: [...read].sort(),
    write: [...write].sort(),
    links: links.map((link) => linkRow(owner, link)),
  };
}

function linkRow(owner: string, link: LinkProperties): LinkRow {
  return {
    label: Number(link.label),
    url: `secret/${owner}/${String(link.label)}#${link.linkPassword}`,
    userPassword: link.userPassword,
    writable: link.isWritable,
    autoOpen: link.autoOpen,
    maxRetrievals: link.maxRetrievals ?? null,
    expirySeconds: link.expirySeconds ?? null,
  };
}

async function profileRow({ photo, ...texts }: ProfileFields): Promise<ProfileRow> {
  const none = { firstName: null, lastName: null, status: null, bio: null };
  if (photo === undefined) return { ...none, ...texts };
  const picture = { length: photo.length, sha256: toHex(await sha256(photo)) };
  return { ...none, ...texts, photo: picture };
}

function noFields(error: unknown): ProfileFields {
  if (error instanceof PyrgosError) return {};
  throw error;
}

/** The tree of somebody the account follows, by path. */
async function friendRows(drive: Drive, name: string, onDamage: OnDamage): Promise<FriendRow[]> {
  const rows: FriendRow[] = [];
  try {
    const root = await drive.roots.open(name);
    for await (const row of rowsBelow(drive, root, `/${name}`, onDamage)) rows.push(row);
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    onDamage(`/${name}: ${error.message}`);
  }
  return rows;
}

/** A tree as somebody sees whom it does not belong to, by path. */
export async function* rowsBelow(
  drive: Drive,
  handle: Handle,
  path: string,
  onDamage: OnDamage,
): AsyncGenerator<FriendRow, void, void> {
  if (!handle.isDirectory) {
    const row = await fileRow(drive, handle, path, onDamage);
    if (row !== undefined) yield row;
    return;
  }
  if (canReadContent(handle.node)) yield { ...(await commonRow(handle, path)), type: 'dir' };
  else yield { path, type: 'dir', readable: false };
  for (const entry of await rowsByName(drive, handle, path, onDamage)) {
    const [child] = await drive.openMany(handle, [entry]);
    const childPath = `${path}/${entry.name}`;
    if (child === undefined || child instanceof DanglingEntry) continue;
    if (child instanceof PyrgosError) onDamage(`${childPath}: ${child.message}`);
    else yield* rowsBelow(drive, child, childPath, onDamage);
  }
}

async function fileRow(
  drive: Drive,
  file: Handle,
  path: string,
  onDamage: OnDamage,
): Promise<FriendRow | undefined> {
  const sha256Hex = await hashFile(drive, file, path, onDamage);
  if (sha256Hex === undefined) return undefined;
  const { sizeBytes, hashBranch } = file.properties;
  return {
    ...(await commonRow(file, path)),
    type: 'file',
    size: sizeBytes,
    sha256: sha256Hex,
    treeHashRoot: hashBranch ? toHex(hashBranch.root) : null,
    dirty: isDirty(file.node),
  };
}

async function commonRow(handle: Handle, path: string): Promise<CommonRow> {
  const { properties, capability, signer } = handle;
  const { mimeType, modified, created, isHidden, thumbnail } = properties;
  return {
    path,
    mimeType,
    modifiedSeconds: modified.seconds,
    modifiedNanos: modified.nanos,
    createdSeconds: created.seconds,
    createdNanos: created.nanos,
    hidden: isHidden,
    writable: signer !== undefined,
    thumbnail: thumbnail
      ? {
          mimeType: thumbnail.mimeType,
          length: thumbnail.bytes.length,
          sha256: toHex(await sha256(thumbnail.bytes)),
        }
      : null,
    owner: capability.owner.toString(),
    writer: capability.writer.toString(),
  };
}
