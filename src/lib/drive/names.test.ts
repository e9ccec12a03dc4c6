import { describe, expect, it } from 'vitest';
import { checkName } from '#lib/cryptree/index.ts';
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

  it.each([
    ['of the greatest length', 'n'.repeat(255)],
    ['that is all extension', `a.${'x'.repeat(253)}`],
    ['with a long extension', `${'b'.repeat(20)}.${'x'.repeat(234)}`],
    ['of pairs of units', '😀'.repeat(127)],
    ['of a letter and pairs', `a${'😀'.repeat(127)}`],
    ['of pairs and an extension', `${'😀'.repeat(125)}.jpeg`],
  ])('a name %s has copies, each of its own, and none too long', (_, name) => {
    const copies = Array.from({ length: 120 }, (_unused, copy) => copyName(name, copy));
    expect(copies[0]).toBe(name);
    expect(new Set(copies).size).toBe(120);
    for (const copy of copies) expect(() => checkName(copy)).not.toThrow();
    expect(copies[3]).toContain(' (copy 3)');
  });

  it('keeps the extension of a long name', () => {
    expect(copyName(`${'n'.repeat(251)}.jpg`, 1)).toBe(`${'n'.repeat(244)} (copy).jpg`);
  });

  it('takes the first free one', () => {
    const taken = new Set(['a.txt', 'a (copy).txt', 'constructor']);
    expect(freeName('a.txt', (name) => taken.has(name))).toBe('a (copy 2).txt');
    expect(freeName('constructor', (name) => taken.has(name))).toBe('constructor (copy)');
    expect(freeName('toString', (name) => taken.has(name))).toBe('toString');
  });
});
