/**
 * Where an account has its home (B-1 §3.1): owner → name → claim chain → the storage provider of its
 * last link. Names that are registered here come before those of the directory; of an account that
 * has moved away the directory may know more than the chain that was left here.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import { Cid, decodeBlock } from '#lib/codec/index.ts';
import { LruMap } from '#lib/collections/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { claimChainFromCbor } from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import type { NameDirectory } from './name-directory.ts';

/** Stands in claims of some old accounts by mistake, and means the node that is asked (B-1 §3.1). */
const ZERO_NODE = Cid.parse('zdvgq1QytJnbSZiAGiduxkd7hnhdnpHqBSfYGiCyG1YQjLEij');

/** Other processes may move an account meanwhile; then this node refuses it, or answers from a copy. */
const KEPT_MS = 5_000;
const MAX_KEPT = 10_000;

/** `undefined`: here, or nobody knows whose it is, which is said here as well. */
export type Home = ForeignHome | undefined;

export interface ForeignHome {
  readonly nodeId: Cid;
  /** The account was here before and left its records. */
  readonly wasHere: boolean;
}

interface Kept {
  readonly home: Home;
  readonly untilMs: number;
}

export interface HomeFinderDeps {
  readonly local: StorageNode;
  readonly directory: NameDirectory;
  readonly clock: () => number;
}

export class HomeFinder {
  readonly #deps: HomeFinderDeps;
  readonly #kept = new LruMap<string, Kept>(MAX_KEPT);
  #ownIds: Promise<readonly Cid[]> | undefined;

  constructor(deps: HomeFinderDeps) {
    this.#deps = deps;
  }

  ofOwner(owner: KeyHash): Promise<Home> {
    return this.#keep(owner.toString(), async () => {
      const { local, directory } = this.#deps;
      const localName = await local.names.nameOf(owner);
      if (localName !== undefined) return this.ofName(localName);
      const name = await directory.usernameOf(owner);
      const chain = name === undefined ? undefined : await directory.chainOf(name);
      return chain?.some((link) => link.owner.equals(owner)) === true
        ? this.#homeIn(chain, false)
        : undefined;
    });
  }

  ofName(name: string): Promise<Home> {
    return this.#keep(`/${name}`, async () => {
      const { directory } = this.#deps;
      const here = await this.localChain(name);
      const home = await this.#homeIn(here, true);
      if (here.length > 0 && home === undefined) return undefined;
      const chain = await directory.chainOf(name);
      return chain !== undefined && continues(chain, here)
        ? this.#homeIn(chain, here.length > 0)
        : home;
    });
  }

  /** The chain that is registered here; empty where there is none. */
  async localChain(name: string): Promise<readonly UserPublicKeyLink[]> {
    const bytes = await this.#deps.local.names.chain(name);
    return claimChainFromCbor(decodeBlock(bytes));
  }

  /** What is known of homes may have changed. */
  forget(): void {
    this.#kept.clear();
  }

  async isOwn(nodeId: Cid): Promise<boolean> {
    this.#ownIds ??= this.#deps.local.blocks.nodeIds();
    this.#ownIds.catch(() => (this.#ownIds = undefined));
    const own = [...(await this.#ownIds), ZERO_NODE];
    return own.some((it) => equalBytes(it.multihash, nodeId.multihash));
  }

  async #homeIn(chain: readonly UserPublicKeyLink[], wasHere: boolean): Promise<Home> {
    const nodeId = chain.at(-1)?.claim.storageProviders[0];
    if (nodeId === undefined || (await this.isOwn(nodeId))) return undefined;
    return { nodeId, wasHere };
  }

  async #keep(key: string, find: () => Promise<Home>): Promise<Home> {
    const nowMs = this.#deps.clock();
    const kept = this.#kept.get(key);
    if (kept !== undefined && nowMs < kept.untilMs) return kept.home;
    const home = await find();
    this.#kept.set(key, { home, untilMs: nowMs + KEPT_MS });
    return home;
  }
}

/** Whether one chain is of the same person as another, as far as that goes; any continues none. */
function continues(
  chain: readonly UserPublicKeyLink[],
  other: readonly UserPublicKeyLink[],
): boolean {
  const owner = other.at(-1)?.owner;
  return owner === undefined || chain.some((link) => link.owner.equals(owner));
}
