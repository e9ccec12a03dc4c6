/** Keys of a book. */
import type { BookState } from './book-state.svelte.ts';

interface Turning {
  turn(by: 1 | -1): void;
  toEnd(isEnd: boolean): void;
}

/** What a key does; undefined for one that is none of a book's. */
export function bookKey(
  event: KeyboardEvent,
  book: BookState,
  { turn, toEnd }: Turning,
): (() => void) | undefined {
  const { key, target } = event;
  const isCommand = event.ctrlKey || event.metaKey || event.altKey;
  const isButton = target instanceof HTMLElement && target.matches('button');
  if (key === 'Escape' && book.hasContents) return () => (book.hasContents = false);
  if (isCommand || (isButton && (key === ' ' || key === 'Enter'))) {
    return undefined;
  }
  const right = book.book.isRightToLeft ? -1 : 1;
  switch (key) {
    case 'ArrowRight':
      return () => turn(right);
    case 'ArrowLeft':
      return () => turn(right === 1 ? -1 : 1);
    case 'PageDown':
    case ' ':
      return () => turn(event.shiftKey && key === ' ' ? -1 : 1);
    case 'PageUp':
      return () => turn(-1);
    case 'Home':
    case 'End':
      return () => toEnd(key === 'End');
    case '+':
    case '-':
      return () => book.resize(key === '+' ? 1 : -1);
    default:
      return undefined;
  }
}
