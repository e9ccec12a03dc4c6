/**
 * Pointer and keys over the files, for the list and the grid alike. Rows carry `data-index`; one
 * set of handlers on the area reads it, so a hundred thousand rows cost no listeners.
 */
import type { Entry } from '#lib/client/index.ts';
import { formatNumber } from '../text/format.ts';
import { m } from '../text/messages.ts';
import { carriesFiles, readDropped } from './dropped-items.ts';
import type { DriveState } from './drive-state.svelte.ts';
import { LongPress } from './long-press.ts';
import { TypeAhead } from './type-ahead.ts';

/** The menu of a folder, asked for by a key, stands this far inside. */
const INSIDE_PX = 24;
/** A key that asks for a menu is followed by the browser's own event, on some when it is let go. */
const MENU_KEY_MS = 1_000;

/** How the area lays its entries out. */
export interface AreaShape {
  /** Whether entries stand side by side. */
  readonly isGrid: () => boolean;
  /** The place so many rows below another in the order on screen. */
  readonly stepRows: (at: number, by: number) => number;
  /** How many rows are in sight: what a page of them is. */
  readonly pageRows: () => number;
}

export class AreaInput {
  readonly #drive: DriveState;
  readonly #shape: AreaShape;
  readonly #typeAhead = new TypeAhead();
  readonly #longPress = new LongPress();
  #menuKeyMs = -Infinity;
  /** A double click does not say what made it. */
  #isByFinger = false;

  constructor(drive: DriveState, shape: AreaShape) {
    this.#drive = drive;
    this.#shape = shape;
  }

  click(event: MouseEvent): void {
    this.#typeAhead.end();
    if (this.#longPress.takesClick()) return;
    const { selection, actions } = this.#drive;
    const entry = this.#entryAt(event);
    if (entry === undefined) {
      if (!this.#onHeader(event)) selection.clear();
      return;
    }
    const button = closest(event, '[data-menu]');
    if (button !== undefined) return this.#openMenuBelow(button, entry);
    const command = event.metaKey || event.ctrlKey;
    if (event.shiftKey) selection.range(entry.id, command);
    else if (command || closest(event, '[data-check]')) selection.toggle(entry.id);
    else if (!byFinger(event)) selection.only(entry.id);
    else if (selection.size > 0) selection.toggle(entry.id);
    else actions.open(entry);
  }

  /** A finger held on an entry selects it. */
  pointerDown(event: PointerEvent): void {
    this.#isByFinger = event.pointerType === 'touch';
    const entry = closest(event, 'button') === undefined ? this.#entryAt(event) : undefined;
    this.#longPress.begin(event, entry && (() => this.#pick(entry)));
  }

  pointerMove(event: PointerEvent): void {
    this.#longPress.move(event);
  }

  pointerEnd(): void {
    this.#longPress.end();
  }

  doubleClick(event: MouseEvent): void {
    const entry = this.#entryAt(event);
    if (entry !== undefined && !closest(event, '[data-check], button') && !this.#isByFinger) {
      this.#drive.actions.open(entry);
    }
  }

  /** By mouse, of what is under it; a key has opened it already; a finger selects. */
  contextMenu(event: MouseEvent): void {
    event.preventDefault();
    if (byFinger(event)) return this.#longPress.hold();
    if (event.button !== 2 && event.timeStamp - this.#menuKeyMs < MENU_KEY_MS) return;
    const { selection, menu } = this.#drive;
    const entry = this.#entryAt(event);
    if (entry === undefined) selection.clear();
    else if (!selection.has(entry.id)) selection.only(entry.id);
    menu.open(event.clientX, event.clientY);
  }

  /** Coming with the keyboard, the cursor shows where one is. */
  focus(event: FocusEvent & { currentTarget: HTMLElement }): void {
    if (event.target !== event.currentTarget || !event.currentTarget.matches(':focus-visible')) {
      return;
    }
    const { selection, visible } = this.#drive;
    if (selection.cursorAt < 0) selection.cursor = visible[0]?.id;
  }

  keydown(event: KeyboardEvent): void {
    if (event.altKey || event.target !== event.currentTarget) return;
    if (event.key === 'ContextMenu' || (event.shiftKey && event.key === 'F10')) {
      event.preventDefault();
      this.#menuKeyMs = event.timeStamp;
      void this.#openMenuOfCursor(event.currentTarget as HTMLElement);
      return;
    }
    const typed = this.#typeAhead.take(event);
    const action = typed === undefined ? this.#keyAction(event) : () => this.#jump(typed);
    if (action === undefined) return;
    event.preventDefault();
    action();
  }

  dragStart(event: DragEvent): void {
    const { selection, drag } = this.#drive;
    const entry = this.#entryAt(event);
    if (entry === undefined || event.dataTransfer === null) return;
    if (this.#longPress.isHeld) return event.preventDefault();
    this.#longPress.end();
    if (!selection.has(entry.id)) selection.only(entry.id);
    drag.start(event.dataTransfer, [...selection.ids]);
    if (selection.size > 1) showCount(event.dataTransfer, selection.size);
  }

  /** Over a folder, a drop goes there. */
  dragOver(event: DragEvent): void {
    const { drag } = this.#drive;
    drag.over = this.#dropTarget(event)?.id;
    if (drag.over !== undefined) {
      drag.accept(event, drag.carries(event.dataTransfer) && !wantsCopy(event) ? 'move' : 'copy');
    }
  }

  dragLeave(): void {
    this.#drive.drag.over = undefined;
  }

  async drop(event: DragEvent): Promise<void> {
    const target = this.#dropTarget(event);
    const { actions, app, drag } = this.#drive;
    drag.over = undefined;
    if (target === undefined || event.dataTransfer === null) return;
    event.preventDefault();
    if (drag.carries(event.dataTransfer)) {
      const { ids } = drag;
      drag.end();
      await (wantsCopy(event) ? actions.copy(ids, target.id) : actions.move(ids, target.id));
      return;
    }
    const reading = readDropped(event.dataTransfer);
    await app.attempt(async () => actions.upload(await reading, target.id));
  }

  /** The folder under the pointer that would take the drop. */
  #dropTarget(event: DragEvent): Entry | undefined {
    const { drag } = this.#drive;
    const entry = this.#entryAt(event);
    if (entry?.kind !== 'folder' || entry.unreadable !== undefined) return undefined;
    if (drag.carries(event.dataTransfer)) return drag.ids.includes(entry.id) ? undefined : entry;
    return carriesFiles(event.dataTransfer) ? entry : undefined;
  }

  #entryAt(event: Event): Entry | undefined {
    const index = closest(event, '[data-index]')?.dataset['index'];
    return index === undefined ? undefined : this.#drive.visible[Number(index)];
  }

  #keyAction(event: KeyboardEvent): (() => void) | undefined {
    const { selection, actions } = this.#drive;
    const inGrid = this.#shape.isGrid();
    const onward = document.dir === 'rtl' ? -1 : 1;
    const extend = event.shiftKey;
    const step = (by: number) => () => this.#step(by, extend);
    const rows = (by: number) => () => this.#stepRows(by, extend);
    switch (event.key) {
      case 'ArrowDown':
        return rows(1);
      case 'ArrowUp':
        return rows(-1);
      case 'ArrowRight':
        return inGrid ? step(onward) : undefined;
      case 'ArrowLeft':
        return inGrid ? step(-onward) : undefined;
      case 'PageDown':
        return rows(this.#shape.pageRows());
      case 'PageUp':
        return rows(-this.#shape.pageRows());
      case 'Home':
        return step(-Infinity);
      case 'End':
        return step(Infinity);
      case 'Enter': {
        const entry = selection.cursorEntry;
        return entry && (() => actions.open(entry));
      }
      case ' ': {
        const entry = selection.cursorEntry;
        return entry === undefined ? step(1) : () => selection.toggle(entry.id);
      }
      default:
        return undefined;
    }
  }

  #stepRows(by: number, extend: boolean): void {
    const at = this.#drive.selection.cursorAt;
    // Without a cursor, the first step is onto the first entry or the last.
    this.#step(at < 0 ? Math.sign(by) : this.#shape.stepRows(at, by) - at, extend);
  }

  #step(by: number, extend: boolean): void {
    const { selection, visible } = this.#drive;
    const far = Math.max(-visible.length, Math.min(visible.length, by));
    const index = selection.step(far, extend);
    if (index >= 0) this.#drive.reveal = { index };
  }

  /** Letters jump to the next name that begins with them. */
  #jump(start: string): void {
    const found = this.#drive.visible.find((entry) => this.#drive.folded(entry).startsWith(start));
    if (found !== undefined) this.#drive.show(found.name);
  }

  #pick(entry: Entry): void {
    const { selection } = this.#drive;
    if (!selection.has(entry.id)) selection.toggle(entry.id);
  }

  #openMenuBelow(element: HTMLElement, entry: Entry): void {
    const { selection, menu } = this.#drive;
    if (!selection.has(entry.id)) selection.only(entry.id);
    const { left, bottom } = element.getBoundingClientRect();
    menu.open(left, bottom);
  }

  /** The position of the row with the cursor, which is scrolled into view, or of the folder. */
  async #openMenuOfCursor(area: HTMLElement): Promise<void> {
    const { selection, menu } = this.#drive;
    const { cursorEntry, cursorAt } = selection;
    if (cursorEntry === undefined) {
      selection.clear();
      const { left, top } = area.getBoundingClientRect();
      menu.open(left + INSIDE_PX, top + INSIDE_PX);
      return;
    }
    this.#drive.reveal = { index: cursorAt };
    await new Promise(requestAnimationFrame);
    await new Promise(requestAnimationFrame);
    const row = document.getElementById(`entry-${cursorAt}`);
    if (row !== null) {
      this.#openMenuBelow(row.querySelector<HTMLElement>('[data-name]') ?? row, cursorEntry);
    }
  }

  #onHeader(event: Event): boolean {
    return closest(event, '[data-header]') !== undefined;
  }
}

function closest(event: Event, selector: string): HTMLElement | undefined {
  const { target } = event;
  return target instanceof Element
    ? (target.closest<HTMLElement>(selector) ?? undefined)
    : undefined;
}

/** Several entries are dragged as their number, not as the one row under the pointer. */
function showCount(transfer: DataTransfer, count: number): void {
  const chip = document.createElement('div');
  chip.className = 'drag-count';
  chip.textContent = m.entry_count({ count, shown: formatNumber(count) });
  document.body.append(chip);
  transfer.setDragImage(chip, -12, -12);
  setTimeout(() => chip.remove());
}

/** The key that makes a drag a copy, where it does so on the desktop too. */
function wantsCopy(event: DragEvent): boolean {
  return event.ctrlKey || event.altKey;
}

function byFinger(event: MouseEvent): boolean {
  return event instanceof PointerEvent && event.pointerType === 'touch';
}
