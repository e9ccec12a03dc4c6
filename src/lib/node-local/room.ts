/**
 * A medium that is nearly full. Deleting writes before it frees anything: new nodes of maps, a new
 * state, records. Every store keeps some room for that (`stores/types.ts`), and here it is decided
 * who may use it, so that no upload, large or small, can leave nothing for deleting.
 *
 * Content is refused before anything of it is written. Structure is taken, since nobody can tell
 * what it is for; the pointer that makes it count can: while room is tight it may not move to a
 * state that leads to more than the one before, but for a little now and then, which moving things
 * to a trash needs. Before either is refused the owner's garbage is collected.
 */
import { CODEC, linksOf, decodeCbor } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { CollectionStopped } from '#lib/protocol/index.ts';
import { StoreFull } from '#lib/stores/index.ts';
import type { BlockEntry, RecordStore, RoomLeft } from '#lib/stores/index.ts';
import { collect } from './garbage-collect.ts';
import type { LocalNodeDeps } from './context.ts';
import { blockKey, readOwner } from './records.ts';

/** A change may add this much when room is tight: a folder in the trash and its record take 10 KB. */
const LEEWAY_BYTES = 16 * 1024;
/** What all such changes together may add at once, and then in a second. */
const LEEWAY_SUM_BYTES = 256 * 1024;
const LEEWAY_BYTES_PER_SECOND = 4 * 1024;
/** After this long without a change, a full medium is worth another collection. */
const COLLECT_AGAIN_MS = 60 * 60 * 1000;
/** Collecting after changes rests this many times as long as it took. */
const REST_FACTOR = 4;
/** Blocks read at once while two states are compared, and the most that are looked at. */
const COMPARE_WIDTH = 16;
const COMPARE_MAX_BLOCKS = 20_000;

/** From where to where a pointer moves. */
export interface PointerTargets {
  readonly before: Cid | undefined;
  readonly after: Cid | undefined;
}

/** Throws {@link StoreFull} if content would be refused, before anything is written for it. */
export async function requireRoomForContent(deps: LocalNodeDeps, owner: KeyHash): Promise<void> {
  if ((await roomAfterCollecting(deps, owner)) !== 'ample') throw new StoreFull();
}

/** Stores blocks; should they not fit, once more after a collection. Throws {@link StoreFull}. */
export async function putBlocksInRoom(
  deps: LocalNodeDeps,
  owner: KeyHash,
  entries: readonly BlockEntry[],
  isContent: boolean,
): Promise<void> {
  const put = (): Promise<void> =>
    deps.blocks.putMany(entries, isContent ? 'for content' : 'for change');
  try {
    await put();
  } catch (error) {
    if (!(error instanceof StoreFull) || !(await collectForRoom(deps, owner))) throw error;
    await put();
  }
}

/**
 * Throws {@link StoreFull} if pointers may not move so on a medium as full as this one. What is
 * granted to one request is so for all its attempts.
 */
export function roomForMoves(
  deps: LocalNodeDeps,
  owner: KeyHash,
): (moves: readonly PointerTargets[]) => Promise<void> {
  let grantedBytes = 0;
  return async (moves) => {
    if ((await roomLeft(deps)) === 'ample') return;
    const growthBytes = await growthOf(deps, owner, moves);
    if (growthBytes <= grantedBytes) return;
    const room = await roomAfterCollecting(deps, owner);
    if (room === 'ample') return;
    const isGranted =
      room === 'tight' && stateOf(deps).leeway.take(growthBytes - grantedBytes, deps.clock());
    if (!isGranted) throw new StoreFull();
    grantedBytes = growthBytes;
  };
}

/**
 * To be told when a change has ended, done or refused: on a medium that is nearly full what it left
 * behind is collected at once, beside other work and for a small part of the time.
 */
export function afterChange(deps: LocalNodeDeps, owner: KeyHash): void {
  const state = stateOf(deps);
  const key = owner.toString();
  const startMs = deps.clock();
  if (startMs < (state.restsUntilMs.get(key) ?? 0) || state.collecting.has(key)) return;
  const run = async (): Promise<void> => {
    if ((await roomLeft(deps)) === 'ample') return;
    await collectForRoom(deps, owner);
    const tookMs = deps.clock() - startMs;
    state.restsUntilMs.set(key, deps.clock() + REST_FACTOR * tookMs);
  };
  run().catch(() => undefined); // the next one that needs the room collects, and hears of it
}

function roomLeft({ blocks }: LocalNodeDeps): Promise<RoomLeft> | RoomLeft {
  return blocks.roomLeft?.() ?? 'ample';
}

async function roomAfterCollecting(deps: LocalNodeDeps, owner: KeyHash): Promise<RoomLeft> {
  const room = await roomLeft(deps);
  if (room === 'ample' || !(await collectForRoom(deps, owner))) return room;
  return roomLeft(deps);
}

/** What this process knows of one pair of stores. */
interface RoomState {
  readonly collecting: Map<string, Promise<boolean>>;
  readonly restsUntilMs: Map<string, number>;
  readonly leeway: Leeway;
}

const states = new WeakMap<RecordStore, RoomState>();

function stateOf({ records }: LocalNodeDeps): RoomState {
  let state = states.get(records);
  if (state === undefined) {
    state = { collecting: new Map(), restsUntilMs: new Map(), leeway: new Leeway() };
    states.set(records, state);
  }
  return state;
}

/** Collects unless nothing changed since the last time. All who ask meanwhile share one run. */
async function collectForRoom(deps: LocalNodeDeps, owner: KeyHash): Promise<boolean> {
  const { collecting } = stateOf(deps);
  const key = owner.toString();
  const known = collecting.get(key);
  if (known !== undefined) return known;
  const run = freed(deps, owner).finally(() => collecting.delete(key));
  collecting.set(key, run);
  return run;
}

async function freed(deps: LocalNodeDeps, owner: KeyHash): Promise<boolean> {
  const { value } = await readOwner(deps.records, owner);
  if (value === undefined) return false;
  const isIdle = value.collectedChanges === value.changes;
  if (isIdle && deps.clock() - (value.collectedMs ?? 0) < COLLECT_AGAIN_MS) return false;
  try {
    return (await collect(deps, owner)).removedBlocks > 0;
  } catch (error) {
    if (error instanceof CollectionStopped) return false;
    throw error;
  }
}

/** What small changes may still add; it comes back with time. */
class Leeway {
  #leftBytes = LEEWAY_SUM_BYTES;
  #sinceMs = 0;

  take(bytes: number, nowMs: number): boolean {
    const earned = ((nowMs - this.#sinceMs) / 1000) * LEEWAY_BYTES_PER_SECOND;
    this.#leftBytes = Math.min(LEEWAY_SUM_BYTES, this.#leftBytes + Math.max(0, earned));
    this.#sinceMs = nowMs;
    if (bytes > LEEWAY_BYTES || bytes > this.#leftBytes) return false;
    this.#leftBytes -= bytes;
    return true;
  }
}

/**
 * How many bytes more the new states lead to than the old ones. Both are walked side by side, and
 * what both lead to is left out, unread; the walk ends when it is clear that nothing was added. What
 * cannot be read counts nothing. Blocks that another part of the account also leads to are counted
 * as if they came or went: the account is not read for them.
 */
async function growthOf(
  deps: LocalNodeDeps,
  owner: KeyHash,
  moves: readonly PointerTargets[],
): Promise<number> {
  const [added, removed] = [new Side(deps, owner), new Side(deps, owner)];
  for (const { before, after } of moves) {
    added.find(after === undefined ? [] : [after]);
    removed.find(before === undefined ? [] : [before]);
  }
  for (;;) {
    await Promise.all([added.step(removed), removed.step(added)]);
    if (added.isDone) {
      const growthBytes = added.bytesBeside(removed) - removed.bytesBeside(added);
      if (growthBytes <= 0 || removed.isDone) return growthBytes;
    }
    if (added.size > COMPARE_MAX_BLOCKS) return Infinity;
    if (removed.size > COMPARE_MAX_BLOCKS && added.isDone) return 0;
  }
}

/** What one of two states leads to, as far as it was followed. */
class Side {
  readonly #deps: LocalNodeDeps;
  readonly #owner: KeyHash;
  readonly #found = new Map<string, Cid>();
  readonly #sizes = new Map<string, number>();
  #pending: string[] = [];

  constructor(deps: LocalNodeDeps, owner: KeyHash) {
    this.#deps = deps;
    this.#owner = owner;
  }

  get isDone(): boolean {
    return this.#pending.length === 0;
  }

  get size(): number {
    return this.#found.size;
  }

  find(cids: readonly Cid[]): void {
    for (const cid of cids) {
      const key = blockKey(this.#owner, cid);
      if (cid.isIdentity || this.#found.has(key)) continue;
      this.#found.set(key, cid);
      this.#pending.push(key);
    }
  }

  /** Follows some blocks, but none that `other` has found and not followed: what it leads to is in both. */
  async step(other: Side): Promise<void> {
    const pending = this.#pending;
    this.#pending = pending.slice(COMPARE_WIDTH);
    const own = pending
      .slice(0, COMPARE_WIDTH)
      .filter((key) => !other.#found.has(key) || other.#sizes.has(key));
    const links = await Promise.all(own.map((key) => this.#follow(key)));
    this.find(links.flat());
  }

  bytesBeside(other: Side): number {
    let bytes = 0;
    for (const [key, sizeBytes] of this.#sizes) if (!other.#found.has(key)) bytes += sizeBytes;
    return bytes;
  }

  async #follow(key: string): Promise<Cid[]> {
    const { blocks } = this.#deps;
    const cid = this.#found.get(key);
    if (cid?.codec !== CODEC.dagCbor) {
      const [listed] = await blocks.list(key, undefined, 1);
      this.#sizes.set(key, listed?.key === key ? listed.sizeBytes : 0);
      return [];
    }
    const bytes = await blocks.get(key);
    this.#sizes.set(key, bytes?.length ?? 0);
    try {
      return bytes === undefined ? [] : linksOf(decodeCbor(bytes));
    } catch (error) {
      if (error instanceof PyrgosError) return [];
      throw error;
    }
  }
}
