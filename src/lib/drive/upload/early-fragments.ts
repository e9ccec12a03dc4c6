/**
 * Fragments of a large upload that go to the node as soon as their chunk is sealed, while the commit
 * before theirs is still under way.
 *
 * The fragments of each commit go under a transaction of their own, which stays open until the
 * pointer that makes them reachable has moved (A-10 §2). What never becomes reachable is garbage.
 */
import type { SealedChunk } from '#lib/cryptree/index.ts';
import type { KeyHash, Signer } from '#lib/crypto/index.ts';
import { Uploads } from '#lib/writers/index.ts';
import type { DriveDeps } from '../types.ts';

export interface EarlyFragmentsOptions {
  readonly deps: Pick<DriveDeps, 'node'>;
  readonly owner: KeyHash;
  readonly signer: Signer;
  /** Chunks [first, end) are stored, so many to a commit. Those of the last one are not sent here. */
  readonly first: number;
  readonly end: number;
  readonly chunksPerCommit: number;
}

export class EarlyFragments {
  readonly #options: EarlyFragmentsOptions;
  /** By the number of the commit they are for. */
  readonly #uploads = new Map<number, Uploads>();
  #isClosed = false;

  constructor(options: EarlyFragmentsOptions) {
    this.#options = options;
  }

  /**
   * Sends the fragments of a chunk in the background; what goes wrong is told by {@link settle}. What
   * is stored has no bytes any more.
   */
  send(index: number, { fragments }: SealedChunk): void {
    const { deps, owner, signer, first, end } = this.#options;
    const commit = this.#commitOf(index);
    if (this.#isClosed || index < first || commit === this.#commitOf(end - 1)) return;
    const uploads = this.#uploads.get(commit) ?? new Uploads(deps.node, owner);
    this.#uploads.set(commit, uploads);
    for (const { cid, block } of fragments) {
      uploads.sendEarly({ cid, bytes: block, signer, isSpentWhenStored: true });
    }
  }

  /** Resolves when the fragments of the commit this chunk is part of are stored. */
  async settle(index: number, signal?: AbortSignal): Promise<void> {
    await this.#uploads.get(this.#commitOf(index))?.settle(signal);
  }

  /** To be called when that commit is made: its fragments need no transaction any more. */
  async release(index: number): Promise<void> {
    const commit = this.#commitOf(index);
    await this.#uploads.get(commit)?.release(() => true);
    this.#uploads.delete(commit);
  }

  /** Stops what is under way and gives up what is not released. Never fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const reason = new DOMException('The upload has ended.', 'AbortError');
    await Promise.all([...this.#uploads.values()].map((uploads) => uploads.close(reason)));
    this.#uploads.clear();
  }

  #commitOf(index: number): number {
    const { first, chunksPerCommit } = this.#options;
    return Math.floor((index - first) / chunksPerCommit);
  }
}
