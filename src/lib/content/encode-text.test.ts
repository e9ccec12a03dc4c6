import { describe, expect, it } from 'vitest';
import { encodeText, isWritableEncoding } from './encode-text.ts';
import { ENCODINGS } from './text-encoding.ts';

const all = Object.values(ENCODINGS).flat();
const written = all.filter((name) => isWritableEncoding(name));
const UNICODE = ['utf-8', 'utf-16le', 'utf-16be', 'gb18030'];
/** Every character but surrogates. */
function* characters(): Generator<number> {
  for (let code = 0; code < 0x1_1000; code++) if (code < 0xd800 || code > 0xdfff) yield code;
}
const bytesOf = (text: string, encoding: string): Uint8Array | undefined => {
  const encoded = encodeText(text, encoding);
  return 'bytes' in encoded ? encoded.bytes : undefined;
};

describe('text that is written', () => {
  it.each(written)('in %s is read back as it was, character by character', (encoding) => {
    // Node loses a last ÿ of windows-1252 where marks are to be ignored.
    const ignoreBOM = UNICODE.includes(encoding);
    const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM });
    const wrong: string[] = [];
    let known = 0;
    for (const code of characters()) {
      const text = String.fromCodePoint(code);
      const bytes = bytesOf(text, encoding);
      if (bytes === undefined) continue;
      known += 1;
      if (decoder.decode(bytes) !== text) wrong.push(text);
    }
    expect(wrong).toEqual([]);
    expect(known).toBeGreaterThan(UNICODE.includes(encoding) ? 60_000 : 180);
  });

  it.each(written.filter((name) => !UNICODE.includes(name)))(
    'in %s has every character that the decoder gives for one or two bytes',
    (encoding) => {
      const decoder = new TextDecoder(encoding, { fatal: true });
      const missing: string[] = [];
      for (let first = 0; first < 256; first++) {
        for (let second = -1; second < 256; second++) {
          let text: string;
          try {
            text = decoder.decode(Uint8Array.from(second < 0 ? [first] : [first, second]));
          } catch {
            continue;
          }
          // Big5 has four pairs that stand for a letter and its accent.
          const isAccented = encoding === 'big5' && /[ÊêĒē]/u.test(text);
          if (!isAccented && bytesOf(text, encoding) === undefined) missing.push(text);
        }
      }
      expect(missing).toEqual([]);
    },
  );

  it('that has a character the encoding has none for names it', () => {
    expect(encodeText('price: 5 €, 6 ₽', 'windows-1252')).toEqual({ unwritable: '₽' });
    expect(encodeText('naïve 😀', 'iso-8859-15')).toEqual({ unwritable: '😀' });
    expect(encodeText('日本', 'iso-2022-jp')).toEqual({ unwritable: '日' });
    expect(encodeText('half of a pair: \ud83d', 'utf-8')).toEqual({ unwritable: '\ud83d' });
  });

  it('has the bytes that the standard gives', () => {
    const hex = (text: string, encoding: string) =>
      Buffer.from(bytesOf(text, encoding)!).toString('hex');
    // ∵ stands three times in Shift_JIS, 十 twice in Big5; the standard says which one is written.
    expect(hex('∵', 'shift_jis')).toBe('81e6');
    expect(hex('纊', 'shift_jis')).toBe('fa5c');
    expect(hex('十', 'big5')).toBe('a451');
    expect(hex('😀', 'gb18030')).toBe('9439fc36');
    expect(hex('€', 'windows-1252')).toBe('80');
    expect(hex('A😀', 'utf-16be')).toBe('0041d83dde00');
  });
});
