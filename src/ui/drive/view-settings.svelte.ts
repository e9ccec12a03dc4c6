/** How folders are shown on this device: list or grid, in which order, with or without the hidden. */
import type { Entry } from '#lib/client/index.ts';
import { readChoice, readPreference, writePreference } from '../app/preferences.ts';
import { iconKindOf } from '../text/icon-kind.ts';
import { compareNames } from '../text/natural-order.ts';
import { ColumnsState } from './columns-state.svelte.ts';
import type { DetailsCache } from './details-cache.svelte.ts';
import type { CompareEntries } from './listing.svelte.ts';

export const COLUMNS = ['name', 'size', 'modified', 'kind'] as const;
export type Column = (typeof COLUMNS)[number];
export interface Order {
  readonly column: Column;
  readonly descending: boolean;
}

const BY_NAME: Order = { column: 'name', descending: false };

export class ViewSettings {
  #look = $state<'list' | 'grid'>('list');
  #panel = $state(false);
  readonly columns = new ColumnsState();
  #showHidden = $state(false);
  #order = $state.raw(BY_NAME);

  constructor() {
    this.#look = readChoice('files', ['list', 'grid'], 'list');
    this.#panel = readChoice('details', ['open', 'closed'], 'closed') === 'open';
    this.#showHidden = readChoice('hidden', ['shown', 'left out'], 'left out') === 'shown';
    this.#order = orderFrom(readPreference('order'));
  }

  /** One for all folders: names of folders are not written down in the clear. */
  get order(): Order {
    return this.#order;
  }

  set order(order: Order) {
    this.#order = order;
    writePreference('order', `${order.column} ${order.descending ? 'down' : 'up'}`);
  }

  get showHidden(): boolean {
    return this.#showHidden;
  }

  set showHidden(show: boolean) {
    this.#showHidden = show;
    writePreference('hidden', show ? 'shown' : 'left out');
  }

  get look(): 'list' | 'grid' {
    return this.#look;
  }

  set look(look: 'list' | 'grid') {
    this.#look = look;
    writePreference('files', look);
  }

  /** Whether the details panel is open. */
  get panel(): boolean {
    return this.#panel;
  }

  set panel(open: boolean) {
    this.#panel = open;
    writePreference('details', open ? 'open' : 'closed');
  }
}

/** What was kept may be of another build, or not ours: then the order is by name. */
function orderFrom(kept: string | undefined): Order {
  const [name, direction] = (kept ?? '').split(' ');
  const column = COLUMNS.find((one) => one === name);
  return column === undefined ? BY_NAME : { column, descending: direction === 'down' };
}

/** Folders first; then by the column, unknown values last; names settle the rest. */
export function compareBy(order: Order, details: DetailsCache): CompareEntries {
  const sign = order.descending ? -1 : 1;
  const value = (entry: Entry): number | undefined => {
    const known = details.get(entry.id);
    return order.column === 'size' ? known?.sizeBytes : known?.modifiedMs;
  };
  return (a, b) => {
    if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
    if (order.column === 'name') return sign * compareNames(a.name, b.name);
    if (order.column === 'kind') {
      const kinds =
        compareKinds(iconKindOf(a), iconKindOf(b)) || compareKinds(a.mimeType, b.mimeType);
      return sign * kinds || compareNames(a.name, b.name);
    }
    const [x, y] = [value(a), value(b)];
    if (x === undefined || y === undefined) {
      if (x !== y) return x === undefined ? 1 : -1;
      return compareNames(a.name, b.name);
    }
    return sign * (x - y) || compareNames(a.name, b.name);
  };
}

function compareKinds(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
