/**
 * Which entries are selected, and where the cursor is. Ranges run over the order on screen, from
 * the anchor: the last entry picked without Shift.
 */
import type { Entry, EntryId } from '#lib/client/index.ts';

export class Selection {
  ids = $state.raw<ReadonlySet<EntryId>>(new Set());
  cursor = $state.raw<EntryId | undefined>(undefined);
  #anchor: EntryId | undefined;

  has(id: EntryId): boolean {
    return this.ids.has(id);
  }

  get size(): number {
    return this.ids.size;
  }

  only(id: EntryId): void {
    this.ids = new Set([id]);
    this.cursor = this.#anchor = id;
  }

  toggle(id: EntryId): void {
    const next = new Set(this.ids);
    if (!next.delete(id)) next.add(id);
    this.ids = next;
    this.cursor = this.#anchor = id;
  }

  /** From the anchor to `id`, in the order given; `keep` adds to what is selected. */
  range(id: EntryId, order: readonly Entry[], keep = false): void {
    const to = indexOf(order, id);
    const from = this.#anchor === undefined ? to : indexOf(order, this.#anchor);
    if (to < 0) return;
    const [low, high] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    const next = new Set(keep ? this.ids : []);
    for (let at = low; at <= high; at++) next.add(order[at]!.id);
    this.ids = next;
    this.cursor = id;
    this.#anchor ??= id;
  }

  /** Moves the cursor by some rows; the selection follows, or grows with `extend`. */
  step(by: number, order: readonly Entry[], extend: boolean): number {
    if (order.length === 0) return -1;
    const at = this.cursor === undefined ? -1 : indexOf(order, this.cursor);
    // Without a cursor, the first step down is onto the first row, the first up onto the last.
    const start = at >= 0 ? at : by > 0 ? -1 : order.length;
    const next = Math.min(order.length - 1, Math.max(0, start + by));
    if (extend) this.range(order[next]!.id, order);
    else this.only(order[next]!.id);
    return next;
  }

  all(order: readonly Entry[]): void {
    this.ids = new Set(order.map((entry) => entry.id));
    this.#anchor = this.cursor ??= order[0]?.id;
  }

  clear(): void {
    this.ids = new Set();
    this.#anchor = this.cursor;
  }

  /** After the folder was read again: what is gone is no longer selected. */
  keepOnly(entries: readonly Entry[]): void {
    if (this.ids.size === 0) return;
    const present = entries.filter((entry) => this.ids.has(entry.id));
    if (present.length !== this.ids.size) this.ids = new Set(present.map((entry) => entry.id));
  }
}

function indexOf(order: readonly Entry[], id: EntryId): number {
  return order.findIndex((entry) => entry.id === id);
}
