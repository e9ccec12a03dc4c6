import { afterEach, describe, expect, it, vi } from 'vitest';
import { firstGrapheme, graphemeCut } from './graphemes.ts';

const FAMILY = '👩‍👩‍👧‍👦';
const SIGNS = [FAMILY, '🇩🇪', 'é'.normalize('NFD'), '👍🏽', 'क्षि', '한'.normalize('NFD'), '𠮷', 'x'];

afterEach(() => {
  vi.unstubAllGlobals();
  vi.resetModules();
});

describe('graphemeCut', () => {
  it('cuts between signs, never inside one', () => {
    for (const sign of SIGNS) {
      const text = `a${sign.repeat(40)}`;
      for (let atMost = sign.length + 1; atMost < text.length; atMost++) {
        const cut = graphemeCut(text, atMost);
        expect(cut).toBeLessThanOrEqual(atMost);
        expect((cut - 1) % sign.length).toBe(0);
        expect(atMost - cut).toBeLessThan(sign.length);
      }
    }
  });

  it('takes all of what is short enough', () => {
    expect(graphemeCut(FAMILY, FAMILY.length)).toBe(FAMILY.length);
    expect(graphemeCut('', 5)).toBe(0);
  });

  it('cuts a sign that is too long by itself between characters', () => {
    const endless = `a${'\u0301'.repeat(5_000)}`;
    expect(graphemeCut(endless, 2_000)).toBe(2_000);
    const joined = '👩\u200d'.repeat(1_000);
    expect(joined.slice(0, graphemeCut(joined, 1_000)).isWellFormed()).toBe(true);
    expect(graphemeCut(joined, 1_000)).toBeGreaterThan(990);
  });

  it('splits no marks, joined signs and halves of characters where there is no segmenter', async () => {
    vi.resetModules();
    vi.stubGlobal('Intl', { ...Intl, Segmenter: undefined });
    const { graphemeCut: cutWithout, firstGrapheme: firstWithout } = await import('./graphemes.ts');
    for (const sign of [FAMILY, 'é'.normalize('NFD'), '👍🏽', '𠮷', 'x']) {
      const text = `a${sign.repeat(20)}`;
      expect(firstWithout(sign.repeat(3))).toBe(sign);
      for (let atMost = sign.length + 1; atMost < text.length; atMost++) {
        expect((cutWithout(text, atMost) - 1) % sign.length).toBe(0);
      }
    }
  });
});

describe('firstGrapheme', () => {
  it('is the whole first sign', () => {
    for (const sign of SIGNS) expect(firstGrapheme(`${sign}rest`)).toBe(sign);
    expect(firstGrapheme('')).toBe('');
  });
});
