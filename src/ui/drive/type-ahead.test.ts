import { describe, expect, it } from 'vitest';
import { TypeAhead } from './type-ahead.ts';

/** What is taken for typed after each key, pressed 100 ms after the one before. */
function typed(keys: readonly string[], ahead = new TypeAhead()): (string | undefined)[] {
  return keys.map((key, at) =>
    ahead.take({ key, timeStamp: at * 100, ctrlKey: false, metaKey: false }),
  );
}

describe('a name typed over the files', () => {
  it('grows letter by letter, with its spaces', () => {
    expect(typed(['B', ' ', 'w'])).toEqual(['b', 'b ', 'b w']);
  });

  it('begins anew after another key, such as the one that opened a file', () => {
    expect(typed(['a', 'Enter', 'b'])).toEqual(['a', undefined, 'b']);
    expect(typed(['a', 'ArrowDown', 'b'])).toEqual(['a', undefined, 'b']);
  });

  it('takes letters of several code units', () => {
    expect(typed(['👍🏽', '𠮷'])).toEqual(['👍🏽', '👍🏽𠮷']);
  });

  it('begins anew after a pause', () => {
    const ahead = new TypeAhead();
    typed(['a'], ahead);
    const late = { key: 'b', timeStamp: 5_000, ctrlKey: false, metaKey: false };
    expect(ahead.take(late)).toBe('b');
  });

  it('goes on over a shift key', () => {
    expect(typed(['r', 'Shift', 'E'])).toEqual(['r', undefined, 're']);
  });

  it('leaves a space, a command and the keys of the screen to others', () => {
    expect(typed([' ', '/', '?'])).toEqual([undefined, undefined, undefined]);
    const copy = { key: 'c', timeStamp: 0, ctrlKey: true, metaKey: false };
    expect(new TypeAhead().take(copy)).toBeUndefined();
  });
});
