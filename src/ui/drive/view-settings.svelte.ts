/** How folders are shown: list or grid, and in which order; each folder remembers its order. */
import type { Entry } from '#lib/client/index.ts';
import { readChoice, writePreference } from '../app/preferences.ts';
import { mediaKindOf } from '../text/media-kind.ts';
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
  showHidden = $state(false);
  /** By path, for as long as the page lives: names of folders are not written down in the clear. */
  readonly #orders = new Map<string, Order>();

  constructor() {
    this.#look = readChoice('files', ['list', 'grid'], 'list');
    this.#panel = readChoice('details', ['open', 'closed'], 'closed') === 'open';
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

  orderOf(path: readonly string[]): Order {
    return this.#orders.get(path.join('/')) ?? BY_NAME;
  }

  setOrder(path: readonly string[], order: Order): void {
    this.#orders.set(path.join('/'), order);
  }
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
      const kinds = compareNames(mediaKindOf(a) + a.mimeType, mediaKindOf(b) + b.mimeType);
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
