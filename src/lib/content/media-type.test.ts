import { describe, expect, it } from 'vitest';
import { mediaTypeOf } from './media-type.ts';

const base64 = (text: string) => Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0));
const hex = (text: string) =>
  Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (it) => parseInt(it, 16));
const letters = (text: string) => new TextEncoder().encode(text);
const ftyp = (...brands: string[]) =>
  new Uint8Array([
    ...hex('000000'),
    12 + 4 * brands.length,
    ...letters(`ftyp${brands[0]!}\0\0\0\0${brands.slice(1).join('')}`),
  ]);

/** Written by ffmpeg 5 and ImageMagick 6; the first bytes. */
const FILES: readonly (readonly [what: string, type: string, start: string])[] = [
  [
    'MPEG-2 layer 3 without a tag',
    'audio/mpeg',
    '//MYxAAE+ALNwUMAAf0AJokPDw8PfA8PDwBxn/4/P/8QSS8v//MYxAMFuGrAAZEwARjXRGNBtoLQDYkhwK8WjIneI3gV/9Ip//MYxAMFqF6IAdQAABWHJAcJA4QID+igAQAYlC+I+yqy/mTh//MYxAMFcGJwAAG4',
  ],
  [
    'AAC in ADTS',
    'audio/aac',
    '//FgQAOf/N4CAExhdmM1OS4zNy4xMDAAAjBADv/xYEABf/wBGCAH//FgQAF//AEYIAf/8WBAAX/8ARggB//xYEABf/wBGCAH//FgQAF//AEYIAf/8WBAAX/8ARggB//xYEABfw==',
  ],
  ['RF64', 'audio/wav', 'UkY2NP////9XQVZFZHM2NBwAAAAKAQAAAAAAAKAAAAAAAAAAUAAAAAAAAAA='],
  ['BMP', 'image/bmp', 'Qk1GAAAAAAAAADYAAAAoAAAAAgAAAAIAAAABABgAAAAAABAAAAAAAA=='],
  ['an icon', 'image/x-icon', 'AAABAAEAAgIAAAEAIABAAAAAFgAAACgAAAACAAAABAAAAAEAIAAAAA=='],
  ['GIF', 'image/gif', 'R0lGODlhAQABAPAAAP8AAAAAACE='],
];

describe('mediaTypeOf', () => {
  it.each(FILES)('knows %s', (_what, type, start) => {
    expect(mediaTypeOf(base64(start), 100_000)).toBe(type);
  });

  it.each([
    ['image/avif', ['avif', 'mif1', 'miaf']],
    ['image/avif', ['mif1', 'avif', 'mif1', 'miaf']],
    ['image/avif', ['avis', 'avif', 'msf1']],
    ['image/heic', ['mif1', 'heic']],
    ['image/heic', ['heix', 'mif1']],
    ['video/mp4', ['isom', 'iso2', 'avc1']],
    ['video/mp4', ['iso5', 'avif']],
    ['video/quicktime', ['qt  ']],
    ['video/3gpp', ['3gp5']],
    ['audio/mp4', ['M4A ', 'isom']],
    ['audio/mp4', ['M4B ']],
  ])('tells %s by the brands %s', (type, brands) => {
    expect(mediaTypeOf(ftyp(...brands), 100_000)).toBe(type);
  });

  it('tells films and sounds in WebM apart', () => {
    const head = '1a45dfa3 9f4282 84 7765626d';
    const film = new Uint8Array([...hex(head), ...letters('....V_VP9....A_OPUS')]);
    const sound = new Uint8Array([...hex(head), ...letters('........A_OPUS')]);
    expect(mediaTypeOf(film, 100_000)).toBe('video/webm');
    expect(mediaTypeOf(sound, 100_000)).toBe('audio/webm');
  });

  it('knows a tag of a song by its header, not by three letters', () => {
    expect(mediaTypeOf(hex('494433 0300 00 00000a7f'), 100_000)).toBe('audio/mpeg');
    expect(mediaTypeOf(letters('ID3 tags, a note'), 16)).toBeUndefined();
  });

  it('knows no picture by two or three letters', () => {
    expect(mediaTypeOf(letters('BMW, Audi, Porsche: a list of cars'), 34)).toBeUndefined();
    expect(mediaTypeOf(letters('GIF is a format'), 15)).toBeUndefined();
  });

  it('knows no frames of sound where no second one follows', () => {
    expect(mediaTypeOf(hex('fff318c40004f802'), 100_000)).toBeUndefined();
    const alone = new Uint8Array(2048);
    alone.set(hex('fff318c4'));
    expect(mediaTypeOf(alone, 2048)).toBeUndefined();
  });

  it('answers for the shortest and for random starts without failing', () => {
    for (const [, , start] of FILES) {
      const bytes = base64(start);
      for (let length = 0; length < bytes.length; length++) {
        expect(() => mediaTypeOf(bytes.subarray(0, length), 100_000)).not.toThrow();
      }
    }
    for (let i = 0; i < 500; i++) {
      const noise = crypto.getRandomValues(new Uint8Array(i));
      expect(() => mediaTypeOf(new Uint8Array([0xff, 0xf3, ...noise]), 100_000)).not.toThrow();
    }
  });
});
