/** How wide the columns of the list are on this device. */
import { readPreference, writePreference } from '../app/preferences.ts';
import {
  moveEdge,
  readWidths,
  resetEdge,
  writeWidths,
  type ColumnWidths,
  type Edge,
} from './column-widths.ts';

const PREFERENCE = 'columns';

export class ColumnsState {
  #widths = $state.raw(readWidths(readPreference(PREFERENCE)));

  get widths(): ColumnWidths {
    return this.#widths;
  }

  /** Moves an edge, seen from how wide the columns were when the move began. */
  moveEdge(edge: Edge, byPx: number, from: ColumnWidths): void {
    this.#keep(moveEdge(this.#widths, edge, byPx, from));
  }

  reset(edge: Edge): void {
    this.#keep(resetEdge(this.#widths, edge));
  }

  #keep(widths: ColumnWidths): void {
    this.#widths = widths;
    writePreference(PREFERENCE, writeWidths(widths));
  }
}
