/**
 * Which node a call goes to (B-1 §3.1): the home of its account, the node that took its place, this
 * node, or the copy it has of an account whose home is away.
 */
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodeAccounts, StorageNode } from '#lib/node/index.ts';
import { HomeServerAway, isAway, NotOffered, WrongHost } from '#lib/protocol/index.ts';
import type { Sequence } from '#lib/protocol/index.ts';
import { HomeFinder } from './home-finder.ts';
import type { Home } from './home-finder.ts';
import type { NameDirectory } from './name-directory.ts';
import type { NodeTransport } from './node-transport.ts';
import { Successors } from './successors.ts';

export interface CopyState {
  /** Of its identity's pointer. */
  readonly sequence: Sequence;
  /** When it was last seen to be what the home has, milliseconds since 1970. */
  readonly seenMs: number;
}

/** Copies of accounts that have their homes elsewhere. */
export interface AccountCopies {
  /**
   * `undefined`: there is no copy that is kept up to date. A copy is whole, but may be older than what
   * its home has.
   */
  stateOf(owner: KeyHash): Promise<CopyState | undefined>;
  /** By the login record that came with the copy. */
  readonly getLogin: NodeAccounts['getLogin'];
}

/** `undefined`: it is not to be had. */
export type FetchPublic = (cid: Cid, signal?: AbortSignal) => Promise<Uint8Array | undefined>;

export interface ForwardingDeps {
  /** This node. */
  readonly local: StorageNode;
  readonly directory: NameDirectory;
  readonly transport: NodeTransport;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Whether people whose home is elsewhere may sign in here. */
  readonly admitsGuests: boolean;
  /** Public blocks of a home that is away, verified; from nowhere when absent. */
  readonly fetchPublic?: FetchPublic | undefined;
  /** Of accounts that are mirrored here: these answer what is read while the home is away. */
  readonly copies?: AccountCopies;
  /** A copy answers the call that is under way. */
  readonly onCopy?: (copy: CopyState) => void;
}

export type Call<T> = (node: StorageNode) => Promise<T>;

/** Asks homes, and their successors, on behalf of a node's users. */
export class Forwarding {
  readonly homes: HomeFinder;
  readonly #deps: ForwardingDeps;
  readonly #successors: Successors;

  constructor(deps: ForwardingDeps) {
    this.#deps = deps;
    this.homes = new HomeFinder(deps);
    this.#successors = new Successors(deps.transport, deps.clock);
  }

  byOwner<T>(owner: KeyHash, call: Call<T>): Promise<T> {
    return this.#askHome(() => this.homes.ofOwner(owner), call);
  }

  byName<T>(name: string, call: Call<T>): Promise<T> {
    return this.#askHome(() => this.homes.ofName(name), call);
  }

  async #askHome<T>(find: () => Promise<Home>, call: Call<T>): Promise<T> {
    const home = await find();
    try {
      return await this.#ask(home, call);
    } catch (error) {
      // The account has left since its home was looked up.
      if (home !== undefined || !(error instanceof WrongHost)) throw error;
      this.homes.forget();
      const next = await find();
      if (next === undefined) throw error;
      return this.#ask(next, call);
    }
  }

  /** As {@link byOwner}, of what does not change anything: a copy here answers while the home is away. */
  async read<T>(owner: KeyHash, call: Call<T>): Promise<T> {
    try {
      return await this.byOwner(owner, call);
    } catch (error) {
      await this.requireCopy(owner, error);
      return call(this.#deps.local);
    }
  }

  /** Throws the error, unless it is that the home is away and a copy is here. */
  async requireCopy(owner: KeyHash, error: unknown): Promise<void> {
    if (!(error instanceof HomeServerAway)) throw error;
    const copy = await this.#deps.copies?.stateOf(owner);
    if (copy === undefined) throw error;
    this.#deps.onCopy?.(copy);
  }

  /** For what only the home can do, and does for its own clients alone. */
  async requireHere(owner: KeyHash): Promise<void> {
    if ((await this.homes.ofOwner(owner)) === undefined) return;
    throw new NotOffered('The home of this account is another server.');
  }

  /** Throws {@link WrongHost}, which tells people to sign in at their own server (B-1 §3.2). */
  async requireNameHere(name: string): Promise<void> {
    if ((await this.homes.ofName(name)) === undefined) return;
    throw new WrongHost('The home of this account is another server.');
  }

  async #ask<T>(home: Home, call: Call<T>): Promise<T> {
    if (home === undefined) return call(this.#deps.local);
    const nodeId = await this.#successors.latest(home.nodeId);
    const node = await this.#deps.transport.nodeOf(nodeId);
    // What was left here says itself that the account has moved.
    if (node === undefined && home.wasHere) return call(this.#deps.local);
    if (node === undefined) throw new HomeServerAway();
    try {
      return await call(node);
    } catch (error) {
      if (!isAway(error) && !(error instanceof WrongHost)) throw error;
      const successor = await this.#successors.find(nodeId);
      if (successor === undefined) throw asAway(error);
      return this.#askOnce(successor, call);
    }
  }

  async #askOnce<T>(nodeId: Cid, call: Call<T>): Promise<T> {
    if (await this.homes.isOwn(nodeId)) return call(this.#deps.local);
    const node = await this.#deps.transport.nodeOf(nodeId);
    if (node === undefined) throw new HomeServerAway();
    try {
      return await call(node);
    } catch (error) {
      throw asAway(error);
    }
  }
}

/** Whatever keeps a home from answering is the same to its user. Never "there is none". */
function asAway(error: unknown): unknown {
  return isAway(error) ? new HomeServerAway({ cause: error }) : error;
}
