import { describe, expect, it } from 'vitest';
import { splitLines } from './split-lines.ts';

describe('splitLines', () => {
  it('numbers lines whatever ends them', () => {
    expect(splitLines('a\nb\r\nc\rd').map((line) => `${String(line.number)}${line.text}`)).toEqual([
      '1a',
      '2b',
      '3c',
      '4d',
    ]);
  });

  it('breaks a very long line into pieces that lose nothing', () => {
    const long = 'x'.repeat(4_100);
    const lines = splitLines(`${long}\nend`);
    expect(lines.map((line) => line.number)).toEqual([1, undefined, undefined, 2]);
    expect(
      lines
        .slice(0, 3)
        .map((line) => line.text)
        .join(''),
    ).toBe(long);
  });

  it('breaks a long line between signs, as a reader sees them', () => {
    const family = '👩‍👩‍👧‍👦';
    const lines = splitLines(`a${family.repeat(2_000)}`);
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.map((line) => line.text).join('')).toBe(`a${family.repeat(2_000)}`);
    for (const [at, { text }] of lines.entries()) {
      expect(text.length).toBeLessThanOrEqual(2_000);
      expect(text.replaceAll(family, '')).toBe(at === 0 ? 'a' : '');
    }
  });
});
