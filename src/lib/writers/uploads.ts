/**
 * The blocks of one commit on their way to the node (A-10 §2).
 *
 * Raw blocks may go as soon as they exist, in the background and within the transaction that is
 * still open when the pointer moves; the rest goes when the commit knows which blocks it needs.
 * Nothing that was sent early matters until a pointer is set, so a failure only leaves garbage.
 */
import { giveBack } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { fits, groupsOf, sendGroup } from './upload-groups.ts';
import type { BlockToSend, UploadGroup } from './upload-groups.ts';

/** For a node that does not say how many it takes. */
const PARALLEL_REQUESTS = 4;
/** Blocks this large go alone and at once; smaller ones wait for company. */
const LARGE_BLOCK_BYTES = 100 * 1024;
/** What may be in memory waiting for the node before {@link Uploads.room} makes the caller wait. */
const WAITING_MAX_BYTES = 20 * 1024 * 1024;

export class Uploads {
  readonly #node: StorageNode;
  readonly #owner: KeyHash;
  readonly #stop = new AbortController();
  #transaction: Promise<string> | undefined;
  /** Transactions that hold blocks no pointer leads to yet. */
  readonly #heldTransactions: Promise<string>[] = [];
  /** Blocks not acknowledged yet, by CID text. */
  readonly #waiting = new Map<string, BlockToSend>();
  #queue: BlockToSend[] = [];
  #waitingBytes = 0;
  #running = 0;
  #isDraining = false;
  #failure: { readonly error: unknown } | undefined;
  #wakers: (() => void)[] = [];
  /** Sent early and not known to be reachable. */
  readonly #loose = new Set<string>();

  constructor(node: StorageNode, owner: KeyHash) {
    this.#node = node;
    this.#owner = owner;
  }

  /** Sends a block in the background. What goes wrong is told by {@link settle} and {@link room}. */
  sendEarly(block: BlockToSend): void {
    const key = block.cid.toString();
    if (this.#failure !== undefined || this.#loose.has(key)) return;
    this.#loose.add(key);
    this.#waiting.set(key, block);
    this.#waitingBytes += block.bytes.length;
    this.#queue.push(block);
    this.#pump();
  }

  /** Aborted by {@link close}. */
  get stopped(): AbortSignal {
    return this.#stop.signal;
  }

  /** A block that was sent early and is not acknowledged yet. */
  waiting(cid: Cid): Uint8Array | undefined {
    return this.#waiting.get(cid.toString())?.bytes;
  }

  /** Resolves when less than about 20 MiB wait for the node. */
  async room(signal?: AbortSignal): Promise<void> {
    await this.#until(() => this.#waitingBytes < WAITING_MAX_BYTES, signal);
  }

  /** Resolves when all that was sent early until now is acknowledged. */
  async settle(signal?: AbortSignal): Promise<void> {
    const present = [...this.#waiting.keys()];
    this.#isDraining = true;
    try {
      this.#pump();
      await this.#until(() => !present.some((key) => this.#waiting.has(key)), signal);
    } finally {
      this.#isDraining = false;
    }
  }

  /** Sends blocks and resolves when all are acknowledged. */
  async send(blocks: Iterable<BlockToSend>, signal?: AbortSignal): Promise<void> {
    const groups = groupsOf(blocks);
    if (groups.length === 0) return;
    const tid = await this.open();
    let next = 0;
    const worker = async (): Promise<void> => {
      for (let group = groups[next++]; group !== undefined; group = groups[next++]) {
        signal?.throwIfAborted();
        await sendGroup(this.#node, this.#owner, tid, group, signal);
      }
    };
    const workers = Array.from({ length: this.#parallelRequests }, async () => {
      try {
        await worker();
      } catch (error) {
        next = groups.length;
        throw error;
      }
    });
    // What is still under way ends before the failure is told: the transaction is closed then, and
    // a block that arrived later would be kept for a day.
    const failed = (await Promise.allSettled(workers)).find(({ status }) => status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason as Error;
  }

  /** The id of the transaction, begun if there is none. */
  open(): Promise<string> {
    this.#transaction ??= this.#node.blocks.startTransaction(this.#owner);
    return this.#transaction;
  }

  /**
   * After the pointers moved: closes the transaction, unless blocks that were sent early are still
   * out of reach of every pointer and need its protection until the next time.
   */
  async release(isReachable: (cidText: string) => boolean): Promise<void> {
    for (const key of this.#loose) if (isReachable(key)) this.#loose.delete(key);
    if (this.#transaction !== undefined) this.#heldTransactions.push(this.#transaction);
    this.#transaction = undefined;
    if (this.#loose.size === 0) await this.#closeHeld();
  }

  /** Stops what is under way and closes every transaction. Never fails. */
  async close(reason: unknown): Promise<void> {
    this.#failure ??= { error: reason };
    this.#queue = [];
    this.#stop.abort(reason);
    this.#wake();
    while (this.#running > 0) await this.#nextWake();
    this.#waiting.clear();
    if (this.#transaction !== undefined) this.#heldTransactions.push(this.#transaction);
    this.#transaction = undefined;
    await this.#closeHeld();
  }

  get #parallelRequests(): number {
    return this.#node.blocks.parallelPuts ?? PARALLEL_REQUESTS;
  }

  #pump(): void {
    while (this.#running < this.#parallelRequests) {
      const group = this.#nextGroup();
      if (group === undefined) return;
      this.#running++;
      void this.#sendInBackground(group);
    }
  }

  async #sendInBackground(group: UploadGroup): Promise<void> {
    let isStored = false;
    try {
      const tid = await this.open();
      await sendGroup(this.#node, this.#owner, tid, group, this.#stop.signal);
      isStored = true;
    } catch (error) {
      this.#failure ??= { error };
      this.#queue = [];
    }
    this.#running--;
    for (const { cid, bytes, isSpentWhenStored } of group) {
      this.#waiting.delete(cid.toString());
      this.#waitingBytes -= bytes.length;
      if (isStored && isSpentWhenStored === true) giveBack(bytes);
    }
    this.#pump();
    this.#wake();
  }

  /** A large block, or as many small ones of one writer as fill a request. */
  #nextGroup(): UploadGroup | undefined {
    const large = this.#queue.findIndex(({ bytes }) => bytes.length >= LARGE_BLOCK_BYTES);
    if (large >= 0) return this.#queue.splice(large, 1);
    const first = this.#queue[0];
    if (first === undefined) return undefined;
    const group: BlockToSend[] = [];
    let isFull = false;
    for (const block of this.#queue) {
      if (!block.signer.hash.equals(first.signer.hash)) continue;
      isFull = !fits(group, block);
      if (isFull) break;
      group.push(block);
    }
    if (!isFull && !this.#isDraining) return undefined;
    this.#queue = this.#queue.filter((block) => !group.includes(block));
    return group;
  }

  async #until(isSo: () => boolean, signal?: AbortSignal): Promise<void> {
    const wake = (): void => this.#wake();
    signal?.addEventListener('abort', wake);
    try {
      for (;;) {
        signal?.throwIfAborted();
        if (this.#failure !== undefined) throw this.#failure.error;
        if (isSo()) return;
        await this.#nextWake();
      }
    } finally {
      signal?.removeEventListener('abort', wake);
    }
  }

  #nextWake(): Promise<void> {
    return new Promise((resolve) => this.#wakers.push(resolve));
  }

  #wake(): void {
    const wakers = this.#wakers;
    this.#wakers = [];
    for (const wake of wakers) wake();
  }

  /** A transaction that cannot be closed expires by itself (A-10 §6). */
  async #closeHeld(): Promise<void> {
    const held = this.#heldTransactions.splice(0);
    await Promise.all(
      held.map(async (transaction) => {
        try {
          await this.#node.blocks.closeTransaction(this.#owner, await transaction);
        } catch {
          // Nothing depends on it.
        }
      }),
    );
  }
}
