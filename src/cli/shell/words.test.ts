import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKept } from './history.ts';
import { quoted, words } from './words.ts';

describe('a line', () => {
  it.each([
    ['ls -R  a', ['ls', '-R', 'a']],
    ['  cat "two words" \'so "so"\'', ['cat', 'two words', 'so "so"']],
    [String.raw`rm a\ b \"c "d\"e" 'f\'`, ['rm', 'a b', '"c', 'd"e', 'f\\']],
    ['put "" x', ['put', '', 'x']],
    ['mv a"b c"d e', ['mv', 'ab cd', 'e']],
    ['', []],
    ['   ', []],
  ])('%s', (line, expected) => {
    expect(words(line)).toEqual(expected);
  });

  it.each(['cat "a', "cat 'a", 'cat "a\\"'])('is refused when a quote stays open: %s', (line) => {
    expect(() => words(line)).toThrow('A quote is not closed.');
  });

  it('has every name back that was quoted, in each way', () => {
    const quote = fc.constantFrom('' as const, '"' as const, "'" as const);
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'binary' }), quote, (name, open) => {
        expect(words(`cat ${quoted(name, open)}${open} x`)).toEqual(['cat', name, 'x']);
      }),
    );
  });
});

it('keeps no line that may hold a secret, or was not to be kept', () => {
  expect(['ls', 'put --force x', 'cat -- --passwords'].filter(isKept)).toHaveLength(3);
  const secret = [
    'x --password y',
    '--code 123456',
    'a --new-password=b',
    'signup --token t',
    ' ls',
  ];
  expect(secret.filter(isKept)).toEqual([]);
});
