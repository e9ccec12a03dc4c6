/**
 * Pointer and keys over the files, for the list and the grid alike. Rows carry `data-index`; one
 * set of handlers on the area reads it, so a hundred thousand rows cost no listeners.
 */
import type { Entry } from '#lib/client/index.ts';
import { formatNumber } from '../text/format.ts';
import { m } from '../text/messages.ts';
import { carriesFiles, readDropped } from './dropped-items.ts';
import type { DriveState } from './drive-state.svelte.ts';
import { TypeAhead } from './type-ahead.ts';

export class AreaInput {
  readonly #drive: DriveState;
  /** How many entries a row of the area holds: 1 in the list. */
  readonly #perRow: () => number;
  /** How many rows are in sight: what a page of them is. */
  readonly #pageRows: () => number;
  readonly #typeAhead = new TypeAhead();

  constructor(drive: DriveState, perRow: () => number, pageRows: () => number) {
    this.#drive = drive;
    this.#perRow = perRow;
    this.#pageRows = pageRows;
  }

  click(event: MouseEvent): void {
    this.#typeAhead.end();
    const { selection, visible, actions } = this.#drive;
    const entry = this.#entryAt(event);
    if (entry === undefined) {
      if (!this.#onHeader(event)) selection.clear();
      return;
    }
    const command = event.metaKey || event.ctrlKey;
    if (event.shiftKey) selection.range(entry.id, visible, command);
    else if (command || closest(event, '[data-check]')) selection.toggle(entry.id);
    else if (!byFinger(event)) selection.only(entry.id);
    else if (selection.size > 0) selection.toggle(entry.id);
    else actions.open(entry);
  }

  doubleClick(event: MouseEvent): void {
    const entry = this.#entryAt(event);
    if (entry !== undefined && !closest(event, '[data-check], button') && !byFinger(event)) {
      this.#drive.actions.open(entry);
    }
  }

  /** What the menu is about: the row pressed, which becomes the selection if it was not in it. */
  contextMenu(event: MouseEvent): void {
    const { selection } = this.#drive;
    const entry = this.#entryAt(event);
    if (entry === undefined) selection.clear();
    else if (!selection.has(entry.id)) selection.only(entry.id);
  }

  /** Coming with the keyboard, the cursor shows where one is. */
  focus(event: FocusEvent & { currentTarget: HTMLElement }): void {
    if (event.target !== event.currentTarget || !event.currentTarget.matches(':focus-visible')) {
      return;
    }
    this.#drive.selection.cursor ??= this.#drive.visible[0]?.id;
  }

  keydown(event: KeyboardEvent): void {
    if (event.altKey || event.target !== event.currentTarget) return;
    const typed = this.#typeAhead.take(event);
    const act = typed === undefined ? this.#keyAct(event) : () => this.#jump(typed);
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  dragStart(event: DragEvent): void {
    const { selection, drag } = this.#drive;
    const entry = this.#entryAt(event);
    if (entry === undefined || event.dataTransfer === null) return;
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

  #keyAct(event: KeyboardEvent): (() => void) | undefined {
    const { selection, actions } = this.#drive;
    const perRow = this.#perRow();
    const inGrid = perRow > 1;
    const onward = document.dir === 'rtl' ? -1 : 1;
    const step = (by: number) => () => this.#step(by, event.shiftKey);
    switch (event.key) {
      case 'ArrowDown':
        return step(perRow);
      case 'ArrowUp':
        return step(-perRow);
      case 'ArrowRight':
        return inGrid ? step(onward) : undefined;
      case 'ArrowLeft':
        return inGrid ? step(-onward) : undefined;
      case 'PageDown':
        return step(perRow * this.#pageRows());
      case 'PageUp':
        return step(-perRow * this.#pageRows());
      case 'Home':
        return step(-Infinity);
      case 'End':
        return step(Infinity);
      case 'Enter': {
        const entry = this.#drive.entry(selection.cursor);
        return entry && (() => actions.open(entry));
      }
      case ' ': {
        const { cursor } = selection;
        return cursor === undefined ? step(1) : () => selection.toggle(cursor);
      }
      default:
        return undefined;
    }
  }

  #step(by: number, extend: boolean): void {
    const { selection, visible } = this.#drive;
    const far = Math.max(-visible.length, Math.min(visible.length, by));
    const index = selection.step(far, visible, extend);
    if (index >= 0) this.#drive.reveal = { index };
  }

  /** Letters jump to the next name that begins with them. */
  #jump(start: string): void {
    const { visible } = this.#drive;
    const found = visible.find((entry) => entry.name.toLocaleLowerCase().startsWith(start));
    if (found !== undefined) this.#drive.show(found.name);
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
