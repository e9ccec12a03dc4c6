/** Finding text on all pages. */
import type { ShownPdf } from './shown-pdf.ts';

/** As pdf.js numbers them. */
const STATES = ['found', 'none', 'wrapped', 'pending'] as const;

interface Matches {
  readonly current: number;
  readonly total: number;
}

export class FindState {
  isOpen = $state(false);
  text = $state('');
  matchCase = $state(false);
  wholeWords = $state(false);
  state = $state<(typeof STATES)[number]>('found');
  at = $state(0);
  total = $state(0);
  readonly #shown: () => ShownPdf | undefined;

  constructor(shown: () => ShownPdf | undefined) {
    this.#shown = shown;
  }

  open(): void {
    this.isOpen = true;
  }

  close(): void {
    this.isOpen = false;
    this.#shown()?.events.dispatch('findbarclose', { source: this });
  }

  /** What is looked for was changed. */
  begin(): void {
    this.#dispatch('');
  }

  step(by: 1 | -1): void {
    this.#dispatch('again', by < 0);
  }

  listen(events: ShownPdf['events']): void {
    events.on('updatefindmatchescount', ({ matchesCount }: { matchesCount: Matches }) => {
      this.#count(matchesCount);
    });
    events.on(
      'updatefindcontrolstate',
      ({ state, matchesCount }: { state: number; matchesCount: Matches }) => {
        this.state = STATES[state] ?? 'found';
        this.#count(matchesCount);
      },
    );
  }

  #count({ current, total }: Matches): void {
    this.at = current;
    this.total = total;
  }

  #dispatch(type: '' | 'again', findPrevious = false): void {
    this.#shown()?.events.dispatch('find', {
      source: this,
      type,
      query: this.text,
      caseSensitive: this.matchCase,
      entireWord: this.wholeWords,
      highlightAll: true,
      matchDiacritics: false,
      findPrevious,
    });
  }
}
