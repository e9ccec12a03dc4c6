/**
 * Receiving (C-2 §2.3): a friend's logs are read from where we stopped, each capability is opened
 * and its path found by parent links, and the mirror takes it in.
 */
import type { Capability, EntryPoint } from '#lib/cryptree/index.ts';
import {
  DanglingEntry,
  openTarget,
  writeSmall,
  type Change,
  type Handle,
} from '#lib/drive/index.ts';
import { Snapshot } from '#lib/writers/index.ts';
import {
  friendGroupsFromBytes,
  friendGroupsToBytes,
  GROUPS_FROM_FRIENDS,
  isGroupFolder,
  SHARED_FOLDER,
  type FriendGroups,
} from '../follow/people-records.ts';
import { FriendGone } from '../errors.ts';
import type { SocialDeps } from '../person.ts';
import { ensurePath, openPath, readRecord } from '../tree.ts';
import { followHandedOn } from './follow-handed-on.ts';
import {
  NOTHING_PROCESSED,
  processedFromBytes,
  processedToBytes,
  type ProcessedCaps,
} from './incoming-records.ts';
import { itemsBelow, type PlacedItem } from './mirror-reading.ts';
import { relocate } from './relocate.ts';
import { LogReader, passedOver } from './log-reader.ts';
import { mirror } from './mirror.ts';

const CACHE_FOLDER = '.capabilitycache';
/** A friend's groups are two; more are his mistake, or his attack. */
const GROUPS_MAX = 16;
/** A record changed under us this often: somebody else is at it, and will have done the work. */
const ATTEMPTS = 3;

/** Items of a friend whose places are looked up at once. */
const FOLLOWED_AT_ONCE = 500;

export class Incoming {
  readonly #deps: SocialDeps;
  /** Of each friend, what his writing space was when it was last read through. */
  readonly #seen = new Map<string, string>();
  readonly #polls = new Map<string, Promise<void>>();

  constructor(deps: SocialDeps) {
    this.#deps = deps;
  }

  /** Takes in what a friend gave since the last time; calls at one moment share the work. */
  poll(friend: EntryPoint, signal?: AbortSignal): Promise<void> {
    const key = friend.capability.writer.toString() + friend.username;
    const running = this.#polls.get(key);
    if (running !== undefined) return running;
    const poll = this.#poll(friend, signal).finally(() => this.#polls.delete(key));
    this.#polls.set(key, poll);
    return poll;
  }

  async #poll(friend: EntryPoint, signal?: AbortSignal): Promise<void> {
    const { owner, writer } = friend.capability;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { sequence } = await new Snapshot(this.#deps.driveDeps, owner).state(writer, signal);
      const before = await this.#stored(friend.username, signal);
      const state = `${String(sequence)}/${before.groups.size}`;
      const key = `${friend.username}/${writer.toString()}`;
      if (this.#seen.get(key) === state) return;
      const isTaken = await this.#take(friend, before, signal);
      if (isTaken) {
        await this.#follow(friend.username, signal);
        await followHandedOn(this.#deps, friend.username, signal);
        this.#seen.set(key, state);
        return;
      }
    }
  }

  /** Puts what the friend has moved since to its present place, if that is not too much at once. */
  async #follow(username: string, signal?: AbortSignal): Promise<void> {
    const placed: PlacedItem[] = [];
    for await (const one of itemsBelow(this.#deps.drive, [username], signal)) {
      placed.push(one);
      if (placed.length > FOLLOWED_AT_ONCE) return; // each folder does it when it is opened
    }
    await relocate(this.#deps, placed, signal);
  }

  async #stored(username: string, signal?: AbortSignal): Promise<Stored> {
    return this.#deps.drive.look((change, home) => readStored(change, home, username), signal);
  }

  /** One round: false where the record was changed meanwhile. */
  async #take(friend: EntryPoint, before: Stored, signal?: AbortSignal): Promise<boolean> {
    const { drive, driveDeps } = this.#deps;
    const reader = new LogReader(this.#deps, friend.username, signal);
    const own = await reader.read(friend.capability, before.processed).catch((error: unknown) => {
      if (!(error instanceof DanglingEntry)) throw error;
      throw new FriendGone(friend.username, { cause: error });
    });
    const fresh = own.given.filter(({ path }) => isGroupOf(friend.username, path));
    const groups = new Map(before.groups);
    for (const { path, capability } of fresh) {
      if (groups.size >= GROUPS_MAX && !groups.has(groupPath(path))) continue;
      groups.set(groupPath(path), { capability, username: friend.username });
    }
    const items = [...own.given];
    const processedGroups = new Map(before.processed.groups);
    for (const [path, { capability }] of groups) {
      const name = path.split('/').at(-1) ?? '';
      const known = processedGroups.get(name) ?? NOTHING_PROCESSED;
      const part = await reader.read(capability, known).catch(passedOver);
      if (part === undefined) continue; // we may have been taken out of the group
      items.push(...part.given);
      processedGroups.set(name, part.processed);
    }
    const processed = { ...own.processed, groups: processedGroups };
    const resolves = async (capability: Capability): Promise<boolean> => {
      const view = new Snapshot(driveDeps, capability.owner);
      const target = await openTarget(view, capability, signal).catch(passedOver);
      return target !== undefined;
    };
    return drive.change(async (change, home) => {
      const now = await readStored(change, home, friend.username);
      if (now.text !== before.text) return false;
      await mirror(change, home, items, resolves);
      await writeStored(
        change,
        home,
        friend.username,
        processed,
        fresh.length > 0 ? groups : undefined,
      );
      return true;
    }, signal);
  }
}

/** What we know of a friend's logs. */
interface Stored {
  readonly processed: ProcessedCaps;
  /** Groups of this friend. */
  readonly groups: FriendGroups;
  /** The record as text, to see whether it is still the same. */
  readonly text: string;
}

/** Has a friend's logs read from their beginning, because they are others than those known so far. */
export function forgetProcessed(change: Change, home: Handle, username: string): Promise<void> {
  return writeStored(change, home, username, NOTHING_PROCESSED, undefined);
}

async function readStored(change: Change, home: Handle, username: string): Promise<Stored> {
  const cache = await openPath(change, home, [CACHE_FOLDER]);
  const bytes = cache && (await readRecord(change, cache, recordOf(username)));
  const groupBytes = await readRecord(change, home, GROUPS_FROM_FRIENDS);
  const all =
    groupBytes === undefined ? new Map<string, EntryPoint>() : friendGroupsFromBytes(groupBytes);
  const groups = new Map([...all].filter(([path]) => ownerOf(path) === username));
  const processed = bytes === undefined ? NOTHING_PROCESSED : processedFromBytes(bytes);
  return { processed, groups, text: bytes === undefined ? '' : String(bytes) };
}

async function writeStored(
  change: Change,
  home: Handle,
  username: string,
  processed: ProcessedCaps,
  groups: FriendGroups | undefined,
): Promise<void> {
  const cache = await ensurePath(change, home, [CACHE_FOLDER]);
  await writeSmall(change, cache, recordOf(username), processedToBytes(processed));
  if (groups === undefined) return;
  const bytes = await readRecord(change, home, GROUPS_FROM_FRIENDS);
  const all = bytes === undefined ? [] : friendGroupsFromBytes(bytes);
  await writeSmall(
    change,
    home,
    GROUPS_FROM_FRIENDS,
    friendGroupsToBytes(new Map([...all, ...groups])),
  );
}

function recordOf(username: string): string {
  return `${username}$incoming.cbor`;
}

/** The first name of a path, with or without a slash before it (C-2 §2.5). */
function ownerOf(path: string): string {
  return path.replace(/^\//, '').split('/')[0] ?? '';
}

function isGroupOf(username: string, path: readonly string[]): boolean {
  return (
    path.length === 3 &&
    path[0] === username &&
    path[1] === SHARED_FOLDER &&
    isGroupFolder(path[2] ?? '')
  );
}

function groupPath(path: readonly string[]): string {
  return `/${path.join('/')}`;
}
