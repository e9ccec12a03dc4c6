/**
 * Transactions that are open through this node. What went to the node under one is remembered until
 * it is closed, as long as it is not too much: if the node goes away before the pointers moved, all
 * of the change can wait here.
 */
import { toHex } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { PendingFull } from './errors.ts';
import type { Journal, NewBlocks } from './journal.ts';

interface Transaction {
  readonly owner: KeyHash;
  isLocal: boolean;
  /** Blocks the node has acknowledged; undefined: too many to be remembered. */
  sent: NewBlocks[] | undefined;
  sentBytes: number;
  /** Pending blocks, by their entry in the journal. */
  readonly pending: Map<string, NewBlocks>;
  /** A pointer update followed: it may be the one that needs them. */
  hasMoved: boolean;
}

const LOCAL_ID_BYTES = 16;

export class OpenTransactions {
  readonly #journal: Journal;
  readonly #random: Random;
  readonly #maxBytes: number;
  readonly #open = new Map<string, Transaction>();

  constructor(journal: Journal, random: Random, maxBytes: number) {
    this.#journal = journal;
    this.#random = random;
    this.#maxBytes = maxBytes;
  }

  beginLocal(owner: KeyHash): string {
    const tid = `pending-${toHex(this.#random(LOCAL_ID_BYTES))}`;
    this.#open.set(tid, begun(owner, true));
    return tid;
  }

  beginRemote(owner: KeyHash, tid: string): void {
    this.#open.set(tid, begun(owner, false));
  }

  isLocal(tid: string): boolean {
    return this.#open.get(tid)?.isLocal === true;
  }

  isKnown(tid: string): boolean {
    return this.#open.has(tid);
  }

  /** Whether blocks of an unfinished change are pending: then its pointers become pending too. */
  hasLocal(owner: KeyHash): boolean {
    return this.#of(owner).some(({ isLocal, pending }) => isLocal && pending.size > 0);
  }

  /** The node acknowledged blocks. If it is away by now, they become pending like the others. */
  async noteSent(tid: string, blocks: NewBlocks): Promise<void> {
    const transaction = this.#open.get(tid);
    if (transaction?.isLocal === true) await this.keep(tid, blocks);
    if (transaction?.sent === undefined || transaction.isLocal) return;
    transaction.sentBytes += blocks.blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (transaction.sentBytes > this.#maxBytes) transaction.sent = undefined;
    else transaction.sent.push(copyOf(blocks));
  }

  async keep(tid: string, blocks: NewBlocks): Promise<void> {
    const transaction = this.#open.get(tid);
    if (transaction === undefined) return;
    const own = copyOf(blocks);
    transaction.pending.set(await this.#journal.addBlocks(transaction.owner, own), own);
  }

  /** The node is away: the blocks it acknowledged under the transaction become pending too. */
  async bringHome(tid: string): Promise<void> {
    const transaction = this.#open.get(tid);
    if (transaction === undefined || transaction.isLocal) return;
    const { owner, sent } = transaction;
    if (sent === undefined) throw new PendingFull(this.#maxBytes);
    transaction.isLocal = true;
    transaction.sent = [];
    for (const blocks of sent) {
      transaction.pending.set(await this.#journal.addBlocks(owner, blocks), blocks);
    }
  }

  async bringAllHome(owner: KeyHash): Promise<void> {
    for (const [tid, transaction] of this.#open) {
      if (transaction.owner.equals(owner)) await this.bringHome(tid);
    }
  }

  /**
   * Before pointers move here: blocks that were sent along with another change, while their own was
   * still being made, wait here once more. The node keeps them only for a while.
   */
  async bringBack(owner: KeyHash): Promise<void> {
    for (const { pending } of this.#of(owner)) {
      if (pending.size === 0) continue;
      const present = await this.#journal.placesOf(owner, pending);
      for (const [order, blocks] of [...pending]) {
        if (present.has(order)) continue;
        pending.delete(order);
        pending.set(await this.#journal.addBlocks(owner, blocks), blocks);
      }
    }
  }

  /** Pointers moved here: any blocks that came before may be theirs. */
  moved(owner: KeyHash): void {
    for (const transaction of this.#of(owner)) transaction.hasMoved = true;
  }

  /** Answers whether the node has to be told as well. */
  async close(tid: string): Promise<boolean> {
    const transaction = this.#open.get(tid);
    this.#open.delete(tid);
    if (transaction === undefined) return true;
    const { owner, pending, hasMoved, isLocal } = transaction;
    if (pending.size > 0 && !hasMoved) await this.#journal.drop(owner, pending);
    return !isLocal;
  }

  #of(owner: KeyHash): Transaction[] {
    return [...this.#open.values()].filter((one) => one.owner.equals(owner));
  }
}

/** Copies the bytes: the caller may release its memory when they are stored. */
function copyOf(put: NewBlocks): NewBlocks {
  const blocks = put.blocks.map((block) => ({ ...block, bytes: block.bytes.slice() }));
  return { ...put, blocks };
}

function begun(owner: KeyHash, isLocal: boolean): Transaction {
  return { owner, isLocal, sent: [], sentBytes: 0, pending: new Map(), hasMoved: false };
}
