import { describe, expect, test } from 'vitest';
import { fromUtf8, utf8 } from '#lib/bytes/index.ts';
import { MalformedRequest } from '#lib/protocol/index.ts';
import { multipartParts } from './multipart.ts';

const TYPE = 'multipart/form-data; boundary=frontier';
const parts = (text: string) => multipartParts(utf8(text), TYPE, 100).map((part) => fromUtf8(part));
const part = (content: string) => `--frontier\r\nContent-Type: x\r\n\r\n${content}\r\n`;

test.each([
  ['one part', `${part('one')}--frontier--\r\n`, ['one']],
  ['two parts', `${part('one')}${part('two')}--frontier--`, ['one', 'two']],
  ['nothing in it', `${part('')}--frontier--`, ['']],
  ['text before it', `words\r\n${part('one')}--frontier--`, ['one']],
  ['the delimiter within a line', `${part('a --frontier b')}--frontier--`, ['a --frontier b']],
  ['line breaks', `${part('\r\n\r\n--fron\r\n')}--frontier--`, ['\r\n\r\n--fron\r\n']],
  ['no parts', '--frontier--', []],
])('an upload with %s', (_, text, expected) => {
  expect(parts(text)).toEqual(expected);
});

describe('is refused', () => {
  test.each(['', '--frontier', part('one'), '--other--', 'frontier--', '--frontier\r\n\r\nx'])(
    '%#',
    (text) => {
      expect(() => parts(text)).toThrow(MalformedRequest);
    },
  );

  test('without a boundary', () => {
    expect(() => multipartParts(utf8('--x--'), 'multipart/form-data', 100)).toThrow(
      MalformedRequest,
    );
  });

  test.each([
    ['-', '-'.repeat(60)],
    ['\r', 'x'],
    ['\r\n--', '-'.repeat(60)],
    ['\r\n-----', '-----x'],
  ])('%j again and again', (text, boundary) => {
    // Work that grows with the square of the length would not end within a test's time.
    const body = utf8(text.repeat((4 * 1024 * 1024) / text.length));
    expect(() => multipartParts(body, `boundary=${boundary}x`, 100)).toThrow(MalformedRequest);
  });
});
