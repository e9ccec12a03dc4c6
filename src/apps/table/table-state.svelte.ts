/** The table on the screen: its rows as they are, filtered and sorted. */
import { m } from '#lib/paraglide/messages.js';
import { delimiterOf, hasHeader, isNumber, parseTable, type Delimiter } from './parse-table.ts';

export interface Sorting {
  readonly column: number;
  readonly descending: boolean;
}

const WIDTH_SAMPLE_ROWS = 200;
const NARROWEST_CH = 6;
const WIDEST_CH = 44;
const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

export class TableState {
  readonly #text: () => string;
  /** Chosen by a person, in place of what was found. */
  chosenDelimiter = $state<Delimiter>();
  chosenHeader = $state<boolean>();
  words = $state('');
  sorting = $state.raw<Sorting>();
  readonly delimiter = $derived.by(() => this.chosenDelimiter ?? delimiterOf(this.#text()));
  readonly #all = $derived.by(() => parseTable(this.#text(), this.delimiter));
  readonly header = $derived.by(() => this.chosenHeader ?? hasHeader(this.#all));
  readonly columnCount = $derived(
    this.#all.reduce((most, { length }) => Math.max(most, length), 0),
  );
  readonly names = $derived.by(() => {
    const first = this.header ? this.#all[0] : undefined;
    return Array.from({ length: this.columnCount }, (_, at) => {
      return first?.[at] ?? m.table_column({ number: at + 1 });
    });
  });
  /** Without the row of names. */
  readonly #body = $derived(this.header ? this.#all.slice(1) : this.#all);
  readonly rows = $derived.by(() => this.#sorted(this.#found(this.#body)));
  readonly total = $derived(this.#body.length);
  /** Of each column, in characters. */
  readonly widths = $derived.by(() => {
    const sample = this.#body.slice(0, WIDTH_SAMPLE_ROWS);
    return this.names.map((name, column) => {
      const longest = sample.reduce(
        (most, row) => Math.max(most, row[column]?.length ?? 0),
        name.length + 2,
      );
      return Math.min(WIDEST_CH, Math.max(NARROWEST_CH, longest));
    });
  });
  readonly numeric = $derived.by(() => {
    const sample = this.#body.slice(0, WIDTH_SAMPLE_ROWS);
    return this.names.map((_name, column) =>
      sample.every((row) => (row[column] ?? '') === '' || isNumber(row[column] ?? '')),
    );
  });

  constructor(text: () => string) {
    this.#text = text;
  }

  /** Up, then down, then as in the file. */
  sort(column: number): void {
    const { sorting } = this;
    if (sorting?.column !== column) this.sorting = { column, descending: false };
    else this.sorting = sorting.descending ? undefined : { column, descending: true };
  }

  #found(rows: readonly string[][]): readonly string[][] {
    const words = this.words.trim().toLocaleLowerCase();
    if (words === '') return rows;
    return rows.filter((row) => row.some((cell) => cell.toLocaleLowerCase().includes(words)));
  }

  #sorted(rows: readonly string[][]): readonly string[][] {
    const { sorting } = this;
    if (sorting === undefined) return rows;
    const { column, descending } = sorting;
    const cell = (row: readonly string[]): string => row[column] ?? '';
    const sorted = rows.toSorted((a, b) =>
      this.numeric[column]
        ? numberOf(cell(a)) - numberOf(cell(b))
        : collator.compare(cell(a), cell(b)),
    );
    return descending ? sorted.reverse() : sorted;
  }
}

/** Nothing sorts before every number. */
function numberOf(cell: string): number {
  if (cell.trim() === '') return -Infinity;
  const digits = cell.replaceAll(/[\s'’%]/gu, '');
  const isComma = /^[^.]*,\d+$/u.test(digits) && !/^[-+]?\d{1,3}(?:,\d{3})+$/u.test(digits);
  return Number(isComma ? digits.replace(',', '.') : digits.replaceAll(',', ''));
}
