import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mapNames, mapPaths, nameFault, type NameRules } from './disk-names.ts';

const ALL_RULES: readonly NameRules[] = ['posix', 'macos', 'windows', 'portable', 'drive'];

describe('what is wrong with a name', () => {
  it.each([
    ['', 'drive', 'empty'],
    ['.', 'posix', 'dots'],
    ['..', 'windows', 'dots'],
    ['a\0b', 'posix', 'control'],
    ['Icon\r', 'posix', undefined],
    ['Icon\r', 'windows', 'control'],
    ['Icon\r', 'drive', 'control'],
    ['a\u0085b', 'windows', undefined],
    ['a\u0085b', 'portable', 'control'],
    ['a/b', 'posix', 'character'],
    ['a:b', 'posix', undefined],
    ['a:b', 'macos', undefined],
    ['a:b', 'windows', 'character'],
    ['a\\b', 'windows', 'character'],
    ['what?', 'portable', 'character'],
    ['a\ud800b', 'posix', 'half-character'],
    ['CON', 'windows', 'reserved'],
    ['nul.tar.gz', 'windows', 'reserved'],
    ['com¹', 'windows', 'reserved'],
    ['Aux .txt', 'windows', 'reserved'],
    ['CONIN$', 'windows', 'reserved'],
    ['CON', 'posix', undefined],
    ['console', 'windows', undefined],
    ['com12', 'windows', undefined],
    ['a.con', 'windows', undefined],
    ['end.', 'windows', 'ending'],
    ['end ', 'portable', 'ending'],
    [' start', 'windows', undefined],
    ['.hidden', 'windows', undefined],
    ['constructor', 'portable', undefined],
    ['__proto__', 'portable', undefined],
  ] as const)('%j by the rules of %s: %s', (name, rules, fault) => {
    expect(nameFault(name, rules)).toBe(fault);
  });
});

describe('the length of a name', () => {
  it('is bytes on one system, and units on another', () => {
    const short = '漢'.repeat(85);
    const long = '漢'.repeat(86);
    const longest = '漢'.repeat(255);
    expect(nameFault(short, 'posix')).toBeUndefined();
    for (const rules of ['posix', 'macos', 'portable'] as const) {
      expect(nameFault(long, rules)).toBe('length');
    }
    for (const rules of ['windows', 'drive'] as const) {
      expect(nameFault(longest, rules)).toBeUndefined();
      expect(nameFault(`${longest}a`, rules)).toBe('length');
    }
  });

  it('is kept by cutting between characters, before the extension', () => {
    expect(mapNames([`${'漢'.repeat(250)}.txt`], 'posix')).toEqual([`${'漢'.repeat(83)}.txt`]);
    const family = '👩‍👩‍👧‍👦';
    expect(mapNames([`${family.repeat(20)}.jpeg`], 'portable')).toEqual([
      `${family.repeat(10)}.jpeg`,
    ]);
    const allExtension = `a.${'x'.repeat(400)}`;
    expect(mapNames([allExtension], 'posix')).toEqual([allExtension.slice(0, 255)]);
    const oneCharacter = `a${'\u0301'.repeat(300)}`;
    expect(mapNames([oneCharacter], 'posix')).toEqual([oneCharacter.slice(0, 128)]);
  });
});

describe('names for another system', () => {
  it.each([
    ['a:b', 'a_b'],
    ['a\\b', 'a_b'],
    ['CON', 'CON_'],
    ['nul.tar.gz', 'nul_.tar.gz'],
    ['end.', 'end_'],
    ['end . .', 'end____'],
    ['..', '__'],
    ['', '_'],
    ['Icon\r', 'Icon_'],
    ['a\ud800b', 'a\ufffdb'],
  ])('%j becomes %j', (name, mapped) => {
    expect(mapNames([name], 'portable')).toEqual([mapped]);
  });

  it('leaves alone what may stay, and gives the others names nobody has', () => {
    expect(mapNames(['a:b', 'a?b', 'a_b', 'A_B (2)'], 'windows')).toEqual([
      'a_b (3)',
      'a_b (4)',
      'a_b',
      'A_B (2)',
    ]);
  });

  it('keeps apart names that a system takes for one', () => {
    const composed = '\u00fcber.txt';
    const decomposed = 'u\u0308ber.txt';
    expect(mapNames([composed, decomposed], 'posix')).toEqual([composed, decomposed]);
    expect(mapNames([composed, decomposed], 'macos')).toEqual(['\u00fcber (2).txt', decomposed]);
    expect(mapNames(['Readme', 'README', 'readme'], 'macos')).toEqual([
      'Readme (2)',
      'README',
      'readme (3)',
    ]);
    expect(mapNames(['a', 'A'], 'posix')).toEqual(['a', 'A']);
    expect(mapNames(['x', 'x'], 'posix')).toEqual(['x', 'x (2)']);
  });

  it('gives a name the same other name in whatever order a folder is listed', () => {
    const names = ['a:b', 'a?b', 'a|b', 'a_b', 'A_b', 'con', 'CON', 'con_'];
    const there = new Map(mapNames(names, 'portable').map((name, i) => [names[i], name]));
    const reversed = names.toReversed();
    const back = new Map(mapNames(reversed, 'portable').map((name, i) => [reversed[i], name]));
    expect(back).toEqual(there);
  });

  it('maps whatever it is given to names without fault, each another one', () => {
    const parts = fc.constantFrom(
      ...[
        'a',
        'A',
        'ß',
        'ü',
        'u\u0308',
        '.',
        ' ',
        ':',
        '\\',
        '/',
        '\r',
        '\0',
        '\ud800',
        '漢',
        '👩‍👧',
      ],
      ...['con', 'NUL', '.txt', '(2)', ' (2)', '\u200d', 'x'.repeat(240)],
    );
    const name = fc.array(parts, { maxLength: 6 }).map((found) => found.join(''));
    const names = fc.array(name, { maxLength: 12 });
    fc.assert(
      fc.property(names, fc.constantFrom(...ALL_RULES), (given, rules) => {
        const mapped = mapNames(given, rules);
        expect(mapped.map((one) => nameFault(one, rules))).toEqual(mapped.map(() => undefined));
        expect(new Set(mapped).size).toBe(given.length);
        if (rules !== 'posix' && rules !== 'drive') {
          expect(new Set(mapped.map((one) => one.toLowerCase())).size).toBe(given.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('maps two hundred thousand names that become alike', () => {
    // Work that grows with the square of their number would not end within a test's time.
    const names = Array.from({ length: 200_000 }, (_, i) => '?:'[i % 2]!.repeat(1 + (i % 3)));
    expect(new Set(mapNames(names, 'windows')).size).toBe(200_000);
  });
});

describe('paths for another system', () => {
  it('gives a folder one name in all paths below it', () => {
    const paths = ['d/', 'd/a:b.txt', 'd/a\\b.txt', 'd/e?/', 'd/e?/x', 'd/e*/x', 'D/x', '../top'];
    expect(mapPaths(paths, 'portable')).toEqual([
      'd (2)/',
      'd (2)/a_b.txt',
      'd (2)/a_b (2).txt',
      'd (2)/e_ (2)/',
      'd (2)/e_ (2)/x',
      'd (2)/e_/x',
      'D/x',
      '__/top',
    ]);
  });

  it('keeps a file and a folder of one name apart', () => {
    expect(mapPaths(['a', 'a/', 'a/x'], 'portable')).toEqual(['a (2)', 'a/', 'a/x']);
  });

  it('leads out of no folder', () => {
    expect(mapPaths(['/etc/x', 'a/../../x', './x', ''], 'portable')).toEqual([
      'etc/x',
      'a/__/__/x',
      '_ (2)/x',
      '_',
    ]);
  });
});
