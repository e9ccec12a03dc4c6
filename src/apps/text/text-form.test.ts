import { describe, expect, it } from 'vitest';
import { draftFromBytes, draftToBytes } from './draft.ts';
import { indentationOf } from './indentation.ts';
import { lineEndsOf, unified } from './line-ends.ts';
import { readText, writeText } from './text-form.ts';

const hex = (bytes: string): Uint8Array => Uint8Array.from(Buffer.from(bytes, 'hex'));
/** Russian and Polish, long enough for a guess. */
const PANGRAM = 'Съешь же ещё этих мягких французских булок, да выпей чаю.\r\n';

describe('a text that is read and written unchanged', () => {
  it.each([
    ['UTF-8', Buffer.from('naïve\nlines\n'), 'utf-8', 'lf', false],
    ['UTF-8 with a mark', Buffer.from('\ufeffeins\r\nzwei'), 'utf-8', 'crlf', true],
    ['UTF-16 with a mark', hex('fffe41000d000a00ac20'), 'utf-16le', 'crlf', true],
    ['UTF-16 of the other order', hex('feff004120ac000a'), 'utf-16be', 'lf', true],
    ['lines of an old Macintosh', Buffer.from('one\rtwo\r'), 'utf-8', 'cr', false],
    ['lines that end in all ways', Buffer.from('a\r\nb\nc\rd\r\r\n'), 'utf-8', 'mixed', false],
    ['nothing', Buffer.from(''), 'utf-8', 'lf', false],
    ['KOI8-R', Buffer.from([0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4, 0x0a]), 'koi8-r', 'lf', false],
  ] as const)('is the same bytes: %s', (_what, bytes, encoding, lineEnds, hasMark) => {
    const read = readText(bytes, encoding === 'koi8-r' ? encoding : undefined);
    expect(read.form).toEqual({ encoding, lineEnds, hasMark });
    expect(read.isExact).toBe(true);
    if (lineEnds !== 'mixed') expect(read.text).not.toContain('\r');
    const written = writeText(read.text, read.form);
    expect('bytes' in written && Buffer.from(written.bytes)).toEqual(Buffer.from(bytes));
  });

  it('in an encoding that was guessed is the same bytes, whatever they are', () => {
    const bytes = Uint8Array.from({ length: 4096 }, (_, at) => (at * 7919) % 251);
    const read = readText(bytes);
    expect(read).toMatchObject({ isText: false, isExact: true });
    const written = writeText(read.text, read.form);
    expect('bytes' in written && written.bytes).toEqual(bytes);
  });

  it('with bytes that are none of its encoding is known not to come back', () => {
    const read = readText(Buffer.concat([Buffer.from(PANGRAM.repeat(20)), hex('ff')]));
    expect(read.form.encoding).toBe('utf-8');
    expect(read.isExact).toBe(false);
    expect(readText(Buffer.from('\x1b$B8!:w\x1b(B'))).toMatchObject({
      isText: true,
      isExact: false,
    });
  });
});

describe('the ends of lines', () => {
  it('are told apart and made one', () => {
    expect(lineEndsOf('one line')).toBe('lf');
    expect(lineEndsOf('\r\r')).toBe('cr');
    expect(lineEndsOf('\n\r\n')).toBe('mixed');
    expect(unified('a\r\nb\rc\n\r')).toBe('a\nb\nc\n\n');
  });
});

describe('indentation', () => {
  it.each([
    ['a\n\tb\n\t\tc\n', 'tabs', 4],
    ['if a:\n    b\n    if c:\n        d\n', 'spaces', 4],
    ['{\n  "a": {\n    "b": 1\n  }\n}\n', 'spaces', 2],
    ['/**\n * a comment\n * of stars\n */\nf() {\n    x;\n}\n', 'spaces', 4],
    ['no\nindent\n', 'spaces', 2],
    ['a\r\n   b\r\n      c\r\n   d\r\ne\r\n', 'spaces', 3],
  ] as const)('of %j is %s by %i', (text, kind, width) => {
    expect(indentationOf(text)).toEqual({ kind, width });
  });
});

describe('a draft', () => {
  const draft = {
    savedMs: 1_795_423_041_900,
    base: '3-a-b',
    form: { encoding: 'utf-16le', hasMark: true, lineEnds: 'crlf' as const },
    text: 'half a sentence\n',
  };
  it('comes back as it was', () => {
    expect(draftFromBytes(draftToBytes(draft))).toEqual(draft);
  });

  it.each(['', '{}', '[]', 'null', '{"savedMs":1,"form":{},"text":"x"}', '\u0000'])(
    'is none when its bytes are %j',
    (bytes) => {
      expect(draftFromBytes(Buffer.from(bytes))).toBeUndefined();
    },
  );
});
