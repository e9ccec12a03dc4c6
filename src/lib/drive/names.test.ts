import { describe, expect, it } from 'vitest';
import { copyName, freeName } from './names.ts';

describe('names of copies', () => {
  it.each([
    ['a.txt', 1, 'a (copy).txt'],
    ['a.txt', 2, 'a (copy 2).txt'],
    ['a.tar.gz', 1, 'a.tar (copy).gz'],
    ['.hidden', 1, '.hidden (copy)'],
    ['ends.', 3, 'ends. (copy 3)'],
    ['plain', 1, 'plain (copy)'],
  ])('%s, copy %i → %s', (name, copy, expected) => {
    expect(copyName(name, copy)).toBe(expected);
  });

  it('takes the first free one', () => {
    const taken = new Set(['a.txt', 'a (copy).txt', 'constructor']);
    expect(freeName('a.txt', (name) => taken.has(name))).toBe('a (copy 2).txt');
    expect(freeName('constructor', (name) => taken.has(name))).toBe('constructor (copy)');
    expect(freeName('toString', (name) => taken.has(name))).toBe('toString');
  });
});
