/** What is searched for, and how many there are. */
import {
  closeSearchPanel,
  findNext,
  findPrevious,
  getSearchQuery,
  replaceAll,
  replaceNext,
  SearchQuery,
  setSearchQuery,
} from '@codemirror/search';
import type { EditorView, ViewUpdate } from '@codemirror/view';

/** More are not counted: a word of one letter is in every line. */
export const MOST_COUNTED = 1_000;
/** Larger texts are searched step by step only. */
const COUNTED_UNITS = 4_000_000;
const COUNT_AFTER_MS = 120;

export class SearchState {
  readonly #view: EditorView;
  words = $state('');
  replacement = $state('');
  caseSensitive = $state(false);
  regexp = $state(false);
  wholeWord = $state(false);
  /** Undefined: not counted. */
  total = $state<number>();
  /** Which of them is selected; 0: none. */
  at = $state(0);
  valid = $state(true);
  readonly readOnly: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(view: EditorView) {
    this.#view = view;
    this.readOnly = view.state.readOnly;
    const query = getSearchQuery(view.state);
    this.words = query.search;
    this.replacement = query.replace;
    this.caseSensitive = query.caseSensitive;
    this.regexp = query.regexp;
    this.wholeWord = query.wholeWord;
    this.#countSoon();
  }

  /** Something of the query was changed in the panel. */
  apply(): void {
    const query = this.#query();
    this.valid = query.valid || this.words === '';
    this.#view.dispatch({ effects: setSearchQuery.of(query) });
    this.#countSoon();
  }

  next(): void {
    findNext(this.#view);
  }

  previous(): void {
    findPrevious(this.#view);
  }

  replaceOne(): void {
    replaceNext(this.#view);
  }

  replaceEach(): void {
    replaceAll(this.#view);
  }

  close(): void {
    closeSearchPanel(this.#view);
    this.#view.focus();
  }

  updated({ docChanged, selectionSet, transactions }: ViewUpdate): void {
    for (const { effects } of transactions) {
      for (const effect of effects) {
        if (effect.is(setSearchQuery) && !effect.value.eq(this.#query())) this.#adopt(effect.value);
      }
    }
    if (docChanged || selectionSet) this.#countSoon();
  }

  #adopt(query: SearchQuery): void {
    this.words = query.search;
    this.caseSensitive = query.caseSensitive;
    this.regexp = query.regexp;
    this.wholeWord = query.wholeWord;
    this.#countSoon();
  }

  #query(): SearchQuery {
    const { words, replacement, caseSensitive, regexp, wholeWord } = this;
    return new SearchQuery({
      search: words,
      replace: replacement,
      caseSensitive,
      regexp,
      wholeWord,
      literal: !regexp,
    });
  }

  #countSoon(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#count(), COUNT_AFTER_MS);
  }

  #count(): void {
    const { state } = this.#view;
    const query = this.#query();
    this.total = undefined;
    this.at = 0;
    if (!query.valid || state.doc.length > COUNTED_UNITS) return;
    const { from, to } = state.selection.main;
    const cursor = query.getCursor(state);
    let total = 0;
    for (let found = cursor.next(); found.done !== true && total <= MOST_COUNTED;) {
      total += 1;
      if (found.value.from === from && found.value.to === to) this.at = total;
      found = cursor.next();
    }
    this.total = total;
  }
}
