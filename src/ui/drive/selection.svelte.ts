/**
 * Which entries are selected, and where the cursor is. Only what the folder shows can be selected:
 * what a filter hides, or what is gone, is in no operation. Ranges run over the order on screen, from the
 * anchor: the last entry picked without Shift.
 */
import type { Entry, EntryId } from '#lib/client/index.ts';

export class Selection {
  readonly #visible: () => readonly Entry[];
  #chosen = $state.raw<ReadonlySet<EntryId>>(new Set());
  #cursor = $state.raw<EntryId | undefined>(undefined);
  #anchor: EntryId | undefined;

  /** The selected entries that are visible. */
  readonly ids = $derived.by(() => this.#shown());
  /** Where the cursor is in the order on screen; -1 if it is nowhere, or on something hidden. */
  readonly cursorAt = $derived.by(() =>
    this.#cursor === undefined ? -1 : indexOf(this.#visible(), this.#cursor),
  );
  readonly cursorEntry = $derived.by(() => this.#visible()[this.cursorAt]);

  /** @param visible what the folder shows now, in order */
  constructor(visible: () => readonly Entry[]) {
    this.#visible = visible;
  }

  get cursor(): EntryId | undefined {
    return this.#cursor;
  }

  set cursor(id: EntryId | undefined) {
    this.#cursor = id;
  }

  has(id: EntryId): boolean {
    return this.ids.has(id);
  }

  get size(): number {
    return this.ids.size;
  }

  only(id: EntryId): void {
    this.#chosen = new Set([id]);
    this.#cursor = this.#anchor = id;
  }

  toggle(id: EntryId): void {
    const next = new Set(this.ids);
    if (!next.delete(id)) next.add(id);
    this.#chosen = next;
    this.#cursor = this.#anchor = id;
  }

  /** From the anchor to `id`; `keep` adds to what is selected. */
  range(id: EntryId, keep = false): void {
    const order = this.#visible();
    const to = indexOf(order, id);
    const from = this.#anchor === undefined ? to : indexOf(order, this.#anchor);
    if (to < 0) return;
    const [low, high] = from < 0 ? [to, to] : [Math.min(from, to), Math.max(from, to)];
    const next = new Set(keep ? this.ids : []);
    for (let at = low; at <= high; at++) next.add(order[at]!.id);
    this.#chosen = next;
    this.#cursor = id;
    this.#anchor ??= id;
  }

  /** Moves the cursor by some rows; the selection follows, or grows with `extend`. */
  step(by: number, extend: boolean): number {
    const order = this.#visible();
    if (order.length === 0) return -1;
    const at = this.cursorAt;
    // Without a cursor, the first step down is onto the first row, the first up onto the last.
    const start = at >= 0 ? at : by > 0 ? -1 : order.length;
    const next = Math.min(order.length - 1, Math.max(0, start + by));
    if (extend) this.range(order[next]!.id);
    else this.only(order[next]!.id);
    return next;
  }

  all(): void {
    const order = this.#visible();
    this.#chosen = new Set(order.map((entry) => entry.id));
    if (this.cursorAt < 0) this.#cursor = order[0]?.id;
    this.#anchor = this.#cursor;
  }

  clear(): void {
    this.#chosen = new Set();
    this.#anchor = this.#cursor;
  }

  /** What got new keys is another item by its id: what was chosen stays chosen by its name. */
  renew(before: readonly Entry[], now: readonly Entry[]): void {
    const byName = new Map(now.map(({ name, id }) => [name, id] as const));
    const renewed = new Map(before.map(({ name, id }) => [id, byName.get(name) ?? id] as const));
    const idNow = (id: EntryId): EntryId => renewed.get(id) ?? id;
    this.#chosen = new Set([...this.#chosen].map(idNow));
    if (this.#cursor !== undefined) this.#cursor = idNow(this.#cursor);
    if (this.#anchor !== undefined) this.#anchor = idNow(this.#anchor);
  }

  /** Lets go of what is hidden or gone: it is not selected again when it comes back. */
  settle(): void {
    this.#chosen = this.ids;
  }

  #shown(): ReadonlySet<EntryId> {
    const chosen = this.#chosen;
    if (chosen.size === 0) return chosen;
    const shown = new Set<EntryId>();
    for (const { id } of this.#visible()) if (chosen.has(id)) shown.add(id);
    return shown.size === chosen.size ? chosen : shown;
  }
}

function indexOf(order: readonly Entry[], id: EntryId): number {
  return order.findIndex((entry) => entry.id === id);
}
