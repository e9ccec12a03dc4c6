/**
 * The blocks of an account that comes from another node, moving here or mirrored: each is fetched
 * once, verified and stored, several at a time. What an earlier attempt stored is not fetched again,
 * and what was reached completely in this one is not even looked at again. Hostile: all that comes.
 */
import { BLOCK_MAX_BYTES } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { verifyBlock } from '#lib/crypto/index.ts';
import type { BatWithId, KeyHash } from '#lib/crypto/index.ts';
import { reachableBlocks } from '#lib/node/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import type { RecordEntry } from '#lib/stores/index.ts';
import { loadVerified } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { AccountDamaged, storeForAccount } from './import-account.ts';

/** Stored in one transaction. */
const BATCH_BYTES = 8 * BLOCK_MAX_BYTES;
/** Asked for at once. */
const PARALLEL_BLOCKS = 16;

export interface ArrivingBlocksDeps {
  readonly deps: LocalNodeDeps;
  readonly from: StorageNode;
  readonly owner: KeyHash;
  /** Opens every block of the account. */
  readonly mirrorBat: BatWithId | undefined;
  /** For an account whose home stays elsewhere. */
  readonly isCopy?: boolean;
  /** Told of each block that was fetched, or was here. */
  readonly onBlock?: (bytes: number) => void;
}

export class ArrivingBlocks {
  /** The records that protect what was stored until the account is in place. */
  readonly announced: RecordEntry[] = [];
  readonly #deps: ArrivingBlocksDeps;
  /** Blocks that are here with all below them. */
  readonly #whole = new Set<string>();
  /** Blocks without links that are here, should an attempt fail. */
  readonly #leaves = new Set<string>();

  constructor(deps: ArrivingBlocksDeps) {
    this.#deps = deps;
  }

  /**
   * Brings everything here that these blocks lead to.
   * @throws AccountDamaged where the other node lacks a block
   */
  async bring(roots: readonly Cid[], signal?: AbortSignal): Promise<void> {
    let batch: { cid: Cid; bytes: Uint8Array }[] = [];
    let batchBytes = 0;
    const store = async (): Promise<void> => {
      if (batch.length === 0) return;
      const { deps, owner, isCopy = false } = this.#deps;
      this.announced.push(await storeForAccount(deps, owner, batch, { signal, isCopy }));
      for (const { cid } of batch) if (cid.isRaw) this.#leaves.add(cid.toString());
      batch = [];
      batchBytes = 0;
    };
    const reached: string[] = [];
    const load = (cid: Cid) => this.#missing(cid, signal);
    for await (const block of reachableBlocks(roots, load, signal, PARALLEL_BLOCKS)) {
      reached.push(block.cid.toString());
      batch.push(block);
      batchBytes += block.bytes.length;
      if (batchBytes >= BATCH_BYTES) await store();
    }
    await store();
    for (const cid of reached) this.#whole.add(cid);
  }

  /** What these blocks lead to is here, since a copy is whole: only what is not below them is missing. */
  async knowTree(roots: readonly Cid[]): Promise<void> {
    const { deps, owner } = this.#deps;
    const load = async (cid: Cid): Promise<Uint8Array | undefined> => {
      if (cid.isRaw) this.#leaves.add(cid.toString());
      return cid.isRaw ? undefined : loadVerified(deps, owner, cid);
    };
    const open = roots.filter((cid) => !this.#whole.has(cid.toString()));
    for await (const { cid } of reachableBlocks(open, load)) this.#whole.add(cid.toString());
  }

  /** A block, from here or there, verified. */
  async load(cid: Cid, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const { deps, from, owner, mirrorBat } = this.#deps;
    const here = await loadVerified(deps, owner, cid, signal);
    if (here !== undefined) return here;
    const bytes = await from.blocks.get(owner, cid, mirrorBat, signal);
    if (bytes !== undefined) await verifyBlock(cid, bytes);
    return bytes;
  }

  /** `undefined`: it is here already, with all below it. */
  async #missing(cid: Cid, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    const key = cid.toString();
    if (this.#whole.has(key) || this.#leaves.has(key)) return undefined;
    const bytes = await this.load(cid, signal);
    if (bytes === undefined) {
      throw new AccountDamaged(`Block ${key} is missing.`, { missing: cid });
    }
    this.#deps.onBlock?.(bytes.length);
    return bytes;
  }
}
