/**
 * Reading an account set that any client of the protocol left behind: its blocks and records go
 * into a node in memory, somebody signs in with the password, and every path is shown with what it
 * holds. Files are hashed as they stream; what is damaged is told and passed over.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signIn, type Session } from '#lib/account/index.ts';
import { parseDescription, receiveAccount, type Description } from '#lib/archive/index.ts';
import { PyrgosError, toHex } from '#lib/bytes/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { sha256, systemRandom } from '#lib/crypto/index.ts';
import {
  Drive,
  DanglingEntry,
  type DriveDeps,
  type Handle,
  type ListedEntry,
} from '#lib/drive/index.ts';
import { createLocalNode } from '#lib/node-local/index.ts';
import type { LocalNode, LocalNodeDeps } from '#lib/node-local/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createBlockCache, createPointerMemory } from '#lib/writers/index.ts';

const CACHE_BYTES = 16 * 1024 * 1024;
/** Handles hold thumbnails: few at once. */
const OPEN_AT_ONCE = 20;

/** Told of everything that is wrong, as it is met. */
export type OnDamage = (sentence: string) => void;

/** A user of a set on a node in memory, ready to sign in. */
export interface LoadedSet {
  readonly username: string;
  readonly node: LocalNode;
  readonly clock: () => number;
}

export interface Row {
  readonly path: string;
  readonly type: 'file' | 'dir';
  readonly sizeBytes: number | null;
  readonly sha256: string | null;
  readonly mimeType: string;
  readonly modifiedSeconds: number | bigint;
  readonly isHidden: boolean;
  readonly thumbnailSha256: string | null;
}

/** Loads one user. Throws only where nothing can be read at all: no description, no such user. */
export function loadSet(folder: string, username: string, onDamage: OnDamage): Promise<LoadedSet> {
  return load(folder, username, () => [username], onDamage);
}

/** Loads everybody in the set, so that `username` can read what the others share. Throws the same. */
export function loadWholeSet(
  folder: string,
  username: string,
  onDamage: OnDamage,
): Promise<LoadedSet> {
  const told = new Set<string>();
  const onNewDamage: OnDamage = (sentence) => {
    if (told.has(sentence)) return; // the block file is read once for each user
    told.add(sentence);
    onDamage(sentence);
  };
  return load(folder, username, ({ usernames }) => usernames, onNewDamage);
}

async function load(
  folder: string,
  username: string,
  chosen: (description: Description) => readonly string[],
  onDamage: OnDamage,
): Promise<LoadedSet> {
  const description = parseDescription(await readFile(join(folder, 'node.json'), 'utf8'));
  if (!description.usernames.includes(username)) {
    const known = description.usernames.join(', ') || 'nobody';
    throw new UnknownInSet(`There is no user “${username}” in this set; it holds: ${known}.`);
  }
  const stores = createMemoryStores();
  const { capturedAtMs, serverId } = description;
  const clock = capturedAtMs === undefined ? Date.now : () => capturedAtMs;
  const deps: LocalNodeDeps = {
    ...stores,
    clock,
    random: systemRandom,
    ...(serverId === undefined ? {} : { nodeId: serverId }),
  };
  const onFault = (fault: PyrgosError): void => onDamage(fault.message);
  for (const name of chosen(description)) {
    try {
      const user = description.user(name);
      if (user === undefined) continue;
      const blocks = createReadStream(join(folder, 'blocks.car'));
      await receiveAccount(deps, { description, user, blocks }, { onFault });
    } catch (error) {
      // Another user's records may be beyond reading without harm to this one's.
      if (name === username || !(error instanceof PyrgosError)) throw error;
      onFault(error);
    }
  }
  return { username, node: createLocalNode(deps), clock };
}

/** No user of this name, or no file of a set. */
export class UnknownInSet extends PyrgosError {
  override readonly name = 'UnknownInSet';
}

/** What one device works with: fresh memories and caches. */
export function deviceOn({ node, clock }: LoadedSet): DriveDeps {
  return {
    node,
    clock,
    random: systemRandom,
    pointerMemory: createPointerMemory(),
    blockCache: createBlockCache(CACHE_BYTES),
    cipher: createLocalChunkCipher(systemRandom),
  };
}

/** Signs in as anybody would. Throws `WrongPassword`. */
export function signInTo(set: LoadedSet, deps: DriveDeps, password: string): Promise<Session> {
  return signIn(deps, { username: set.username, password });
}

/** The home directory and everything below it. */
export async function* readTree(
  deps: DriveDeps,
  { home, username }: Session,
  onDamage: OnDamage,
): AsyncGenerator<Row, void, void> {
  const drive = new Drive(deps, home);
  yield* readBelow(drive, await drive.home(), `/${username}`, onDamage);
}

async function* readBelow(
  drive: Drive,
  handle: Handle,
  path: string,
  onDamage: OnDamage,
): AsyncGenerator<Row, void, void> {
  if (!handle.isDirectory) {
    const row = await readFileRow(drive, handle, path, onDamage);
    if (row !== undefined) yield row;
    return;
  }
  yield { ...(await commonRow(handle, path)), type: 'dir', sizeBytes: null, sha256: null };
  const entries = await rowsByName(drive, handle, path, onDamage);
  for (let at = 0; at < entries.length; at += OPEN_AT_ONCE) {
    const some = entries.slice(at, at + OPEN_AT_ONCE);
    const opened = await drive.openMany(handle, some);
    for (const [i, entry] of some.entries()) {
      const child = opened[i];
      const childPath = `${path}/${entry.name}`;
      // An interrupted deletion leaves such entries behind; every client passes them over.
      if (child instanceof DanglingEntry || child === undefined) continue;
      if (child instanceof PyrgosError) onDamage(`${childPath}: ${child.message}`);
      else yield* readBelow(drive, child, childPath, onDamage);
    }
  }
}

/** Rows of a folder by name, as far as its list can be read. */
export async function rowsByName(
  drive: Drive,
  folder: Handle,
  path: string,
  onDamage: OnDamage,
): Promise<ListedEntry[]> {
  const entries: ListedEntry[] = [];
  try {
    for await (const batch of drive.list(folder)) entries.push(...batch);
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    onDamage(`${path}: ${error.message}`);
  }
  for (const { name, unreadable } of entries) {
    if (unreadable !== undefined) onDamage(`${path}/${name}: ${unreadable}`);
  }
  const readable = entries.filter(({ unreadable }) => unreadable === undefined);
  return readable.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readFileRow(
  drive: Drive,
  file: Handle,
  path: string,
  onDamage: OnDamage,
): Promise<Row | undefined> {
  const sha256Hex = await hashFile(drive, file, path, onDamage);
  if (sha256Hex === undefined) return undefined;
  const { sizeBytes } = file.properties;
  return { ...(await commonRow(file, path)), type: 'file', sizeBytes, sha256: sha256Hex };
}

/** SHA-256 of a file in hex as it streams; undefined, and told, if it is damaged. */
export async function hashFile(
  drive: Drive,
  file: Handle,
  path: string,
  onDamage: OnDamage,
): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const piece of drive.read(file)) hash.update(piece);
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    onDamage(`${path}: ${error.message}`);
    return undefined;
  }
  return hash.digest('hex');
}

async function commonRow({ properties }: Handle, path: string) {
  const { mimeType, modified, isHidden, thumbnail } = properties;
  return {
    path,
    mimeType,
    modifiedSeconds: modified.seconds,
    isHidden,
    thumbnailSha256: thumbnail ? toHex(await sha256(thumbnail.bytes)) : null,
  };
}
