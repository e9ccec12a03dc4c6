/** What tests of this room share: people on one node in memory. */
import { signUp, TrustStore, type Session } from '#lib/account/index.ts';
import { cheapAlgorithm, createPlace, seededRandom, type TestPlace } from '#lib/account/testing.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { bytesSource, Drive, type DriveDeps, type Handle } from '#lib/drive/index.ts';
import { createBlockCache, createPointerMemory } from '#lib/writers/index.ts';
import { utf8 } from '#lib/bytes/index.ts';
import { Follow } from './follow/follow.ts';
import { Links } from './links/links.ts';
import { identitiesFrom, type SocialDeps } from './person.ts';
import { Profile } from './profile/profile.ts';
import { PublicFiles } from './public/public-files.ts';
import { FriendRoots } from './share/friend-roots.ts';
import { shareRecords } from './share/share-records.ts';
import { Sharing, type Recipient } from './share/sharing.ts';
import { Verification } from './verify/verification.ts';

const CACHE_BYTES = 8 * 1024 * 1024;

export interface TestPerson {
  readonly username: string;
  readonly session: Session;
  readonly drive: Drive;
  readonly deps: SocialDeps;
  readonly follow: Follow;
  readonly sharing: Sharing;
  readonly verification: Verification;
  readonly profile: Profile;
  readonly links: Links;
  readonly publicFiles: PublicFiles;
  /** Mounts the trees this person sees anything of, as far as that is known to those followed. */
  mount(): Promise<void>;
  /** The same account on a device that knows nothing yet. */
  another(): TestPerson;
  /** The same on a device that reaches the node in another way. */
  onNode(node: TestPlace['node']): TestPerson;
}

export const FRIENDS: Recipient = { kind: 'group', name: 'friends' };

export function person(username: string): Recipient {
  return { kind: 'person', username };
}

export function createTown(seed = 'town'): TestPlace {
  return createPlace(seed);
}

/** Somebody with a new account. */
export async function settle(town: TestPlace, username: string): Promise<TestPerson> {
  const random = seededRandom(`${username} draws`);
  const password = `${username} has a long password`;
  const algorithm = cheapAlgorithm(seededRandom(username));
  const deps = { ...town, random, pointerMemory: createPointerMemory() };
  const session = await signUp(deps, { username, password, algorithm });
  return personOf(town, session, `${username} 1`);
}

/** What a drive on a new device works with. */
export function driveDepsOf(town: TestPlace, seed: string): DriveDeps {
  const random = seededRandom(seed);
  return {
    node: town.node,
    random,
    clock: town.clock,
    pointerMemory: createPointerMemory(),
    blockCache: createBlockCache(CACHE_BYTES),
    cipher: createLocalChunkCipher(random),
  };
}

export function personOf(town: TestPlace, session: Session, seed: string): TestPerson {
  const driveDeps = driveDepsOf(town, seed);
  const { random } = driveDeps;
  const drive = new Drive(driveDeps, session.home);
  const trust = new TrustStore(drive, town.node);
  const deps: SocialDeps = {
    drive,
    driveDeps,
    node: town.node,
    person: session,
    random,
    clock: town.clock,
    ...identitiesFrom(trust),
  };
  const follow = new Follow(deps);
  drive.records = shareRecords(deps);
  const roots = new FriendRoots(deps);
  let devices = 1;
  return {
    username: session.username,
    session,
    drive,
    deps,
    follow,
    sharing: new Sharing(deps),
    verification: new Verification(deps),
    profile: new Profile(deps),
    links: new Links(deps),
    publicFiles: new PublicFiles(deps),
    mount: async () => void (await roots.receive(await follow.people())),
    another: () => personOf(town, session, `${seed}/${(devices += 1)}`),
    onNode: (node) => personOf({ ...town, node }, session, `${seed}/${(devices += 1)}`),
  };
}

/** Makes both friends by the protocol's requests. */
export async function befriend(one: TestPerson, other: TestPerson): Promise<void> {
  await one.follow.request(other.username);
  await other.follow.answer(one.username, 'follow-back');
  await one.follow.state();
}

/** Puts a file of this text at a path below the home. */
export async function putText(
  { drive }: TestPerson,
  path: readonly string[],
  text: string,
): Promise<void> {
  const source = bytesSource(utf8(text));
  await drive.upload(await drive.home(), [{ path, source }], { onConflict: 'replace' });
}

/** Opens what lies at a path that begins with a root of the drive. */
export async function openPathOf({ drive }: TestPerson, path: readonly string[]): Promise<Handle> {
  let handle = await drive.roots.open(path[0]!);
  for (const name of path.slice(1)) {
    handle = await drive.open(handle, (await drive.find(handle, name))!);
  }
  return handle;
}

export async function textOf(drive: Drive, file: Handle): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const piece of drive.read(file)) text += decoder.decode(piece, { stream: true });
  return text;
}

/**
 * What a person sees of a tree, by path: files with their texts, folders with a slash. Hidden ones,
 * such as the folders of groups, are not shown.
 */
export async function seen(person: TestPerson, root: string): Promise<Record<string, string>> {
  await person.mount();
  const { drive } = person;
  const found: Record<string, string> = {};
  const walk = async (folder: Handle, path: readonly string[]): Promise<void> => {
    for await (const rows of drive.list(folder)) {
      for (const row of rows) {
        const at = [...path, row.name];
        const handle = await drive.open(folder, row);
        if (handle.properties.isHidden) continue;
        found[at.join('/')] = handle.isDirectory ? '/' : await textOf(drive, handle);
        if (handle.isDirectory) await walk(handle, at);
      }
    }
  };
  await walk(await drive.roots.open(root), []);
  return found;
}
