/**
 * A name being typed over the files, letter by letter. It ends after a pause, and with any other
 * key or click: the next letter begins a new name.
 */
import { firstGrapheme } from '../text/graphemes.ts';

import { fold } from '../text/fold.ts';

const PAUSE_MS = 700;
/** Keys of the whole screen. */
const NOT_TYPED = '/?';
/** Held while typing; they say nothing by themselves. */
const MODIFIERS = new Set(['Shift', 'CapsLock', 'AltGraph', 'Dead']);

type TypedKey = Pick<KeyboardEvent, 'key' | 'timeStamp' | 'ctrlKey' | 'metaKey'>;

export class TypeAhead {
  #typed = '';
  #lastMs = -Infinity;

  /** The beginning of a name with this key, folded; undefined if the key is none of it. */
  take(event: TypedKey): string | undefined {
    if (MODIFIERS.has(event.key)) return undefined;
    if (event.timeStamp - this.#lastMs > PAUSE_MS) this.end();
    if (!isLetter(event) || (event.key === ' ' && this.#typed === '')) {
      this.end();
      return undefined;
    }
    this.#typed += event.key;
    this.#lastMs = event.timeStamp;
    return fold(this.#typed);
  }

  end(): void {
    this.#typed = '';
  }
}

/** Keys without a letter have names of several ASCII letters; one letter may be several units. */
function isLetter({ key, ctrlKey, metaKey }: TypedKey): boolean {
  return firstGrapheme(key) === key && !ctrlKey && !metaKey && !NOT_TYPED.includes(key);
}
