/** Entries dragged inside the page: a private type, so that nothing outside takes or gives one. */
import type { EntryId } from '#lib/client/index.ts';

const TYPE = 'application/x-pyrgos-entries';

/** Only this page's own drag counts: what another page put under our type is ignored. */
let dragged: readonly EntryId[] = [];

export function startDrag(transfer: DataTransfer, ids: readonly EntryId[]): void {
  dragged = ids;
  transfer.setData(TYPE, '');
  transfer.effectAllowed = 'move';
}

export function endDrag(): void {
  dragged = [];
}

export function carriesEntries(transfer: DataTransfer | null): boolean {
  return dragged.length > 0 && (transfer?.types.includes(TYPE) ?? false);
}

export function draggedEntries(): readonly EntryId[] {
  return dragged;
}
