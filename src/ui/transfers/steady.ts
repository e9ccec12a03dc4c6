/**
 * Progress that never runs backwards. A retry may send bytes again, but a bar that shrinks is worse
 * than one that waits: what is shown keeps its best value until the truth catches up. The time left
 * is steadied where it is measured.
 */
import type { Transfer } from '#lib/client/index.ts';

export interface Shown {
  readonly doneBytes: number;
  /** From 0 to 1. */
  readonly share: number;
}

export class Steady {
  readonly #shown = new Map<string, Shown>();

  /** What to show for a transfer now. */
  show(transfer: Transfer): Shown {
    const before = this.#shown.get(transfer.id) ?? { doneBytes: 0, share: 0 };
    const doneBytes = Math.max(transfer.doneBytes, before.doneBytes);
    const { totalBytes, share = totalBytes === 0 ? 0 : doneBytes / totalBytes } = transfer;
    const shown = { doneBytes, share: Math.max(share, before.share) };
    this.#shown.set(transfer.id, shown);
    return shown;
  }
}
