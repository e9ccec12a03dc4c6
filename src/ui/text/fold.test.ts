import { describe, expect, it } from 'vitest';
import { fold, looksLike } from './fold.ts';

const COMPOSED = '\u00dcberblick';
const DECOMPOSED = 'U\u0308berblick';

describe('fold', () => {
  it('makes one of the spellings of a letter, and of its capital', () => {
    expect(fold(DECOMPOSED)).toBe('überblick');
    expect(fold(COMPOSED)).toBe(fold(DECOMPOSED));
    expect(fold(DECOMPOSED).startsWith(fold('Üb'))).toBe(true);
    expect(fold('\u1112\u1161\u11ab')).toBe('\ud55c');
  });

  it('keeps accents: a letter without one is another letter', () => {
    expect(fold(DECOMPOSED).startsWith(fold('u'))).toBe(false);
    expect(fold('résumé')).not.toBe(fold('resume'));
  });
});

describe('looksLike', () => {
  it('finds names that differ in what nobody sees', () => {
    expect(looksLike(COMPOSED, DECOMPOSED)).toBe(true);
    expect(looksLike('a b.txt', 'a\u00a0b.txt')).toBe(true);
    expect(looksLike('a.txt ', 'a.txt')).toBe(true);
  });

  it('is not about equal names, nor about capitals', () => {
    expect(looksLike(COMPOSED, COMPOSED)).toBe(false);
    expect(looksLike('A.txt', 'a.txt')).toBe(false);
  });
});
