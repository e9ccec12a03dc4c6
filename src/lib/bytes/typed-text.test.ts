import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { decodeTypedPieces, decodeTypedText, MalformedBytes, typedEnvironment } from './index.ts';

const TEXT = 'pä€😀\r\n';
// Written by another encoder than the one that reads.
const ENCODED: readonly (readonly [string, Buffer])[] = [
  ['UTF-8', Buffer.from(TEXT, 'utf8')],
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${TEXT}`, 'utf8')],
  ['UTF-16, little end first', Buffer.from(`\ufeff${TEXT}`, 'utf16le')],
  ['UTF-16, big end first', Buffer.from(`\ufeff${TEXT}`, 'utf16le').swap16()],
];

describe('a small text somebody wrote', () => {
  it.each(ENCODED)('in %s is read as what was written', (_, bytes) => {
    expect(decodeTypedText(bytes)).toBe(TEXT);
  });

  it.each(ENCODED)('in %s is read from a pipe, byte by byte', async (_, bytes) => {
    const pieces = Readable.from([...bytes].map((byte) => Buffer.from([byte])));
    let text = '';
    for await (const piece of decodeTypedPieces(pieces)) text += piece;
    expect(text).toBe(TEXT);
  });

  it.each([[''], ['a'], ['ab']])('of %j is shorter than any mark, and whole', async (short) => {
    let text = '';
    for await (const piece of decodeTypedPieces(Readable.from([Buffer.from(short)]))) text += piece;
    expect(text).toBe(short);
    expect(decodeTypedText(Buffer.from(short))).toBe(short);
  });

  it('in another encoding is refused and not guessed at', () => {
    expect(() => decodeTypedText(Buffer.from('p\u00e4ss', 'latin1'))).toThrow(MalformedBytes);
    expect(() => decodeTypedText(Buffer.from([0xff, 0xfe, 0x61]))).toThrow(MalformedBytes);
  });

  it('in a file of settings leaves no marks and line ends in the environment', () => {
    expect(
      typedEnvironment({
        '\ufeffPYRGOS_NODE': 'https://a.example\r',
        PYRGOS_USER: '\ufeffanna',
        X: undefined,
      }),
    ).toEqual({ PYRGOS_NODE: 'https://a.example', PYRGOS_USER: 'anna', X: undefined });
  });
});
