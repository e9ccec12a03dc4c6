/**
 * Receiving (C-2 §2.3): a friend's logs are read from where we stopped, each capability is opened
 * and its path found by parent links, and the mirror takes it in. Logs, names and capabilities are
 * hostile: what does not open, or lies in a tree its sharer has no right to name, is passed over.
 */
import { concat, PyrgosError } from '#lib/bytes/index.ts';
import { decodeCborPrefix } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { capabilityFromCbor, type Capability, type EntryPoint } from '#lib/cryptree/index.ts';
import {
  Ancestors,
  DanglingEntry,
  openAll,
  openTarget,
  type Change,
  type Handle,
} from '#lib/drive/index.ts';
import { NodeUnreachable } from '#lib/protocol/index.ts';
import { Snapshot, verifyOwned } from '#lib/writers/index.ts';
import { writeSmall } from '#lib/drive/index.ts';
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
import { underPresentOwner } from '../present-owner.ts';
import { RECORD_MAX_BYTES } from '../records.ts';
import { ensurePath, openPath, readRecord } from '../tree.ts';
import {
  NOTHING_PROCESSED,
  processedFromBytes,
  processedToBytes,
  type ProcessedCaps,
} from './incoming-records.ts';
import { itemsBelow, type PlacedItem } from './mirror-reading.ts';
import { relocate } from './relocate.ts';
import { mirror, type Given } from './mirror.ts';
import { LOGS } from './outgoing.ts';
import type { Right } from './shared-with.ts';

const CACHE_FOLDER = '.capabilitycache';
/** A friend's groups are two; more are his mistake, or his attack. */
const GROUPS_MAX = 16;
/** A record changed under us this often: somebody else is at it, and will have done the work. */
const ATTEMPTS = 3;

/** What one log had for us. */
interface LogPart {
  readonly capabilities: readonly Capability[];
  /** Where the log was read to. */
  readonly endBytes: number;
}

/** What a folder of logs had for us, and how far it was read. */
interface Taken {
  readonly given: readonly Given[];
  readonly processed: ProcessedCaps;
}

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

/** Reads logs of one friend and finds out what their capabilities lead to. */
class LogReader {
  readonly #deps: SocialDeps;
  readonly #sharer: string;
  readonly #signal: AbortSignal | undefined;
  readonly #views = new Map<string, { view: Snapshot; ancestors: Ancestors }>();
  /** Who owns a writing space now, if it is who a path names: by name, owner and writer. */
  readonly #owners = new Map<string, Promise<KeyHash | undefined>>();

  constructor(deps: SocialDeps, sharer: string, signal?: AbortSignal) {
    this.#deps = deps;
    this.#sharer = sharer;
    this.#signal = signal;
  }

  /** What came into the two logs of a folder since `known`. */
  async read(folder: Capability, known: ProcessedCaps): Promise<Taken> {
    const { drive } = this.#deps;
    const handle = await drive.openCapability(folder, this.#signal);
    const rows: { name: string; open: () => Promise<Handle> }[] = [];
    const options = this.#signal ? { signal: this.#signal } : {};
    for await (const batch of drive.list(handle, options)) {
      for (const row of batch) {
        rows.push({ name: row.name, open: () => drive.open(handle, row, this.#signal) });
      }
    }
    const part = async (right: Right, start: number): Promise<LogPart> => {
      const row = rows.find(({ name }) => name === LOGS[right]);
      if (row === undefined) return { capabilities: [], endBytes: start };
      return this.#log(await row.open(), start);
    };
    const [read, write] = await Promise.all([
      part('read', known.readBytes),
      part('write', known.writeBytes),
    ]);
    const [readable, writable] = [
      await this.#given(read.capabilities),
      await this.#given(write.capabilities),
    ];
    return {
      given: [...readable, ...writable],
      processed: {
        readCount: known.readCount + readable.length,
        writeCount: known.writeCount + writable.length,
        readBytes: read.endBytes,
        writeBytes: write.endBytes,
        groups: known.groups,
      },
    };
  }

  /** Capabilities from `start` on, up to the first that cannot be read. */
  async #log(file: Handle, start: number): Promise<LogPart> {
    const { drive } = this.#deps;
    const pieces: Uint8Array[] = [];
    const end = Math.min(file.properties.sizeBytes, start + RECORD_MAX_BYTES);
    for await (const piece of drive.read(file, start, end, this.#signal)) pieces.push(piece);
    const bytes = concat(...pieces);
    const capabilities: Capability[] = [];
    let at = 0;
    while (at < bytes.length) {
      try {
        const { value, next } = decodeCborPrefix(bytes, at);
        capabilities.push(capabilityFromCbor(value));
        at = next;
      } catch (error) {
        passedOver(error);
        break; // what follows begins nowhere we could know of
      }
    }
    return { capabilities, endBytes: start + at };
  }

  /** Those that open something at a path that its owner's name may stand before. */
  async #given(capabilities: readonly Capability[]): Promise<Given[]> {
    const byOwner = new Map<string, Capability[]>();
    for (const capability of capabilities) {
      const key = capability.owner.toString();
      byOwner.set(key, [...(byOwner.get(key) ?? []), capability]);
    }
    const given: Given[] = [];
    for (const group of byOwner.values()) {
      const { view, ancestors } = this.#viewOf(group[0]!.owner);
      const nodes = await openAll(view, group, this.#signal);
      for (const [i, node] of nodes.entries()) {
        if (node === undefined || node instanceof PyrgosError) continue;
        const path = await ancestors.of(node, this.#signal).catch(passedOver);
        if (path === undefined) continue;
        const names = path.map(({ properties }) => properties.name);
        if (names.length < 2) continue;
        const capability = await this.#verified(names[0]!, group[i]!);
        if (capability === undefined) continue;
        given.push({ path: names, capability, sharer: this.#sharer });
      }
    }
    return given;
  }

  #viewOf(owner: KeyHash) {
    const key = owner.toString();
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const view = new Snapshot(this.#deps.driveDeps, owner);
    const made = { view, ancestors: new Ancestors(view) };
    this.#views.set(key, made);
    return made;
  }

  /** The capability, if the name a path begins with stands for who owns its writing space. */
  async #verified(username: string, capability: Capability): Promise<Capability | undefined> {
    const { owner, writer } = capability;
    const key = `${username}/${owner.toString()}/${writer.toString()}`;
    const known = this.#owners.get(key);
    const checked = known ?? this.#ownerNow(username, capability).catch(passedOver);
    this.#owners.set(key, checked);
    const present = await checked;
    return present && { ...capability, owner: present };
  }

  async #ownerNow(username: string, capability: Capability): Promise<KeyHash | undefined> {
    const present = await underPresentOwner(this.#deps, username, capability, this.#signal);
    if (present === undefined) return undefined;
    await verifyOwned(this.#viewOf(present.owner).view, present.writer);
    return present.owner;
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

/** A fault of what was looked at; that a node is away is none, and goes on. */
function passedOver(error: unknown): undefined {
  if (!(error instanceof PyrgosError) || error instanceof NodeUnreachable) throw error;
  return undefined;
}
