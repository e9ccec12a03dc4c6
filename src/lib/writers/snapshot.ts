/**
 * Reading (A-10 §1): one Snapshot per operation. The first time a writer is needed its pointer is
 * fetched; from then on the same state is used, so what is read fits together however long it takes.
 *
 * Everything is verified ({@link fetchBlock}, {@link fetchState}). A look-up asks the node once for
 * all blocks on the way, and then walks the champ itself from the root it trusts: blocks the node
 * invents are never reached, blocks it leaves out are asked for one by one.
 */
import { ChampTree, MalformedChamp } from '#lib/champ/index.ts';
import type { LoadBlock } from '#lib/champ/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import { BULK_CHAMP_MAX_KEYS, Cid } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { BatWithId, KeyHash, MapKey } from '#lib/crypto/index.ts';
import type { UnverifiedBlock } from '#lib/node/index.ts';
import { ChampRootMissing, NodeUnreachable } from '#lib/protocol/index.ts';
import type { SpaceDeps, WriterState } from './deps.ts';
import { BlockMissing } from './errors.ts';
import { fetchBlock, fetchState, fetchUnverified } from './fetch.ts';

/** A block found under a map key. */
export interface MappedBlock {
  readonly cid: Cid;
  readonly block: Uint8Array;
}

export interface MappedRequest {
  readonly mapKey: MapKey;
  readonly bat?: BatWithId | undefined;
}

/** Blocks by CID text; each was hashed on the way. */
type Answered = ReadonlyMap<string, Uint8Array>;

/** Levels of a champ, a value, and some to spare: what a node may answer for one key. */
const ANSWER_MAX_BLOCKS_PER_KEY = 40;
const PARALLEL_LOOKUPS = 4;

/**
 * An owner's spaces as they were when each was first looked at. Nothing is read before it is asked
 * for.
 */
export class Snapshot {
  readonly owner: KeyHash;
  protected readonly deps: SpaceDeps;
  readonly #states = new Map<string, Promise<WriterState>>();
  readonly #trees = new Map<string, ChampTree>();

  constructor(deps: SpaceDeps, owner: KeyHash) {
    this.deps = deps;
    this.owner = owner;
  }

  /** The state of a writer in this snapshot. */
  state(writer: KeyHash, signal?: AbortSignal): Promise<WriterState> {
    const key = writer.toString();
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    const fetched = fetchState(this.deps, this.owner, writer, signal);
    this.#states.set(key, fetched);
    // A failure is not a state: the next one who asks tries again.
    fetched.catch(() => this.#states.delete(key));
    return fetched;
  }

  /** The writers this snapshot has read. */
  async states(): Promise<WriterState[]> {
    return Promise.all(this.#states.values());
  }

  /** A verified block. Throws {@link BlockMissing}. */
  block(cid: Cid, bat?: BatWithId, signal?: AbortSignal): Promise<Uint8Array> {
    return fetchBlock(this.deps, this.owner, cid, bat, signal);
  }

  /**
   * A block that has yet to be compared with its CID, for large ones that are verified where they
   * are used. The caller may give its memory away, so one that is at hand is copied: it may still
   * be on its way to the node. Throws {@link BlockMissing}.
   */
  async unverified(cid: Cid, bat?: BatWithId, signal?: AbortSignal): Promise<UnverifiedBlock> {
    const local = this.local(cid);
    if (local !== undefined) return local.slice() as UnverifiedBlock;
    return fetchUnverified(this.deps, this.owner, cid, bat, signal);
  }

  /** What lies under a map key of a writer's data map; undefined if nothing. */
  async lookup(
    writer: KeyHash,
    mapKey: MapKey,
    bat?: BatWithId,
    signal?: AbortSignal,
  ): Promise<MappedBlock | undefined> {
    const tree = await this.treeOf(writer);
    if (tree === undefined) return undefined;
    const local = await this.#findLocally(tree, mapKey);
    const answered = local === undefined ? await this.ask(writer, [{ mapKey, bat }], signal) : NONE;
    return this.#found(tree, { mapKey, bat }, answered, signal);
  }

  /**
   * Several look-ups, 20 to a call. One that cannot be read gives its error and spoils no other;
   * only a node that cannot be reached fails them all.
   */
  async lookupMany(
    writer: KeyHash,
    requests: readonly MappedRequest[],
    signal?: AbortSignal,
  ): Promise<(MappedBlock | PyrgosError | undefined)[]> {
    const groups: MappedRequest[][] = [];
    for (let i = 0; i < requests.length; i += BULK_CHAMP_MAX_KEYS) {
      groups.push(requests.slice(i, i + BULK_CHAMP_MAX_KEYS));
    }
    const results: (MappedBlock | PyrgosError | undefined)[][] = [];
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let group = next++; group < groups.length; group = next++) {
        results[group] = await this.#lookupGroup(writer, groups[group]!, signal);
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_LOOKUPS }, worker));
    return results.flat();
  }

  /** The CID under a map key, without its block. */
  async mapped(writer: KeyHash, mapKey: MapKey): Promise<Cid | undefined> {
    const tree = await this.treeOf(writer);
    return tree === undefined ? undefined : linkOf(await tree.get(mapKey));
  }

  /** The data map of a writer, decoded as far as it was read; undefined: no files. */
  protected async treeOf(writer: KeyHash): Promise<ChampTree | undefined> {
    const key = writer.toString();
    const known = this.#trees.get(key);
    if (known !== undefined) return known;
    const root = (await this.state(writer)).data?.tree;
    if (root === undefined) return undefined;
    const tree = this.#trees.get(key) ?? new ChampTree((cid) => this.block(cid), root);
    this.#trees.set(key, tree);
    return tree;
  }

  /** The stored root under which a node can look a writer's map keys up. */
  protected async storedRoot(writer: KeyHash): Promise<Cid | undefined> {
    return (await this.state(writer)).data?.tree;
  }

  /** A block that is at hand without asking the node. */
  protected local(cid: Cid): Uint8Array | undefined {
    return cid.isIdentity ? cid.digest : this.deps.blockCache?.get(cid);
  }

  /** Asks the node for the blocks on the way to some keys, and names them by their hashes. */
  protected async ask(
    writer: KeyHash,
    requests: readonly MappedRequest[],
    signal?: AbortSignal,
  ): Promise<Answered> {
    const root = await this.storedRoot(writer);
    if (root === undefined) return NONE;
    const keys = requests.map(({ mapKey, bat }) => ({ key: mapKey, ...(bat && { bat }) }));
    try {
      const blocks = await this.deps.node.blocks.champLookup(this.owner, root, keys, signal);
      const some = blocks.slice(0, keys.length * ANSWER_MAX_BLOCKS_PER_KEY);
      const cids = await Promise.all(some.map((block) => block.cid()));
      return new Map(cids.map((cid, i) => [cid.toString(), some[i]!.bytes]));
    } catch (error) {
      if (!(error instanceof ChampRootMissing)) throw error;
      throw new BlockMissing(root);
    }
  }

  /** Loads nodes of a tree from an answer, and what the answer lacks one by one. */
  protected loaderOf(answered: Answered, signal?: AbortSignal): LoadBlock {
    return async (cid) => {
      const block = answered.get(cid.toString());
      if (block === undefined) return this.block(cid, undefined, signal);
      this.deps.blockCache?.put(cid, block);
      return block;
    };
  }

  async #found(
    tree: ChampTree,
    { mapKey, bat }: MappedRequest,
    answered: Answered,
    signal?: AbortSignal,
  ): Promise<MappedBlock | undefined> {
    const cid = linkOf(await tree.get(mapKey, this.loaderOf(answered, signal)));
    if (cid === undefined) return undefined;
    const block = answered.get(cid.toString());
    if (block === undefined) return { cid, block: await this.block(cid, bat, signal) };
    this.deps.blockCache?.put(cid, block);
    return { cid, block };
  }

  async #lookupGroup(
    writer: KeyHash,
    group: readonly MappedRequest[],
    signal?: AbortSignal,
  ): Promise<(MappedBlock | PyrgosError | undefined)[]> {
    const tree = await this.treeOf(writer);
    if (tree === undefined) return group.map(() => undefined);
    let answered = NONE;
    try {
      const atHand = await Promise.all(group.map(({ mapKey }) => this.#hasValue(tree, mapKey)));
      const asked = group.filter((_, i) => !atHand[i]);
      if (asked.length > 0) answered = await this.ask(writer, asked, signal);
    } catch (error) {
      // One value under a foreign BAT makes the node refuse the whole call: each alone, then.
      if (!isAboutOne(error)) throw error;
    }
    return Promise.all(
      group.map((request) => this.#found(tree, request, answered, signal).catch(errorAboutOne)),
    );
  }

  async #hasValue(tree: ChampTree, mapKey: MapKey): Promise<boolean> {
    const found = await this.#findLocally(tree, mapKey);
    if (found === undefined) return false;
    return found.cid === undefined || this.local(found.cid) !== undefined;
  }

  /** The CID of a key, if the way to it is at hand. */
  async #findLocally(
    tree: ChampTree,
    mapKey: MapKey,
  ): Promise<{ cid: Cid | undefined } | undefined> {
    const load: LoadBlock = (cid) => {
      const block = this.local(cid);
      return block === undefined ? Promise.reject(new NotAtHand()) : Promise.resolve(block);
    };
    try {
      return { cid: linkOf(await tree.get(mapKey, load)) };
    } catch (error) {
      if (error instanceof NotAtHand) return undefined;
      throw error;
    }
  }
}

const NONE: Answered = new Map();

class NotAtHand extends Error {
  override readonly name = 'NotAtHand';
  readonly kind = 'bug';
}

function linkOf(value: CborValue | undefined): Cid | undefined {
  if (value === undefined || value instanceof Cid) return value;
  throw new MalformedChamp('An entry of a data map is not a link.');
}

function isAboutOne(error: unknown): error is PyrgosError {
  return error instanceof PyrgosError && !(error instanceof NodeUnreachable);
}

function errorAboutOne(error: unknown): PyrgosError {
  if (isAboutOne(error)) return error;
  throw error;
}
