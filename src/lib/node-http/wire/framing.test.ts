import { expect, test } from 'vitest';
import { concat, fromHex, toHex } from '#lib/bytes/index.ts';
import { MalformedRequest } from '#lib/protocol/index.ts';
import { bool8, framed, FrameReader, int32, int64 } from './framing.ts';

test('the forms are those of the protocol', () => {
  expect(toHex(framed(Uint8Array.of(0x80)))).toBe('0000000180'); // B-1 §2.4
  expect(toHex(framed('bob'))).toBe('00000003626f62');
  expect(toHex(int32(-2))).toBe('fffffffe');
  expect(toHex(int64(1_800_000_000))).toBe('000000006b49d200');
  expect(toHex(concat(bool8(true), bool8(false)))).toBe('0100');
});

test('a body is read from front to back', () => {
  const reader = new FrameReader(fromHex('00000003626f6200000001800000000000000005000000070100'));
  expect(reader.text(8, 'The name')).toBe('bob');
  expect(toHex(reader.framed(1, 'The list'))).toBe('80');
  expect(reader.int64()).toBe(5);
  expect(reader.int32()).toBe(7);
  expect(reader.bool8()).toBe(true);
  expect(reader.bool8()).toBe(false);
});

test.each([
  ['a negative length', 'ffffffff', (r: FrameReader) => r.framed(10, 'x')],
  ['a length above the limit', '00000003626f62', (r: FrameReader) => r.framed(2, 'x')],
  ['a length beyond the body', '00000003626f', (r: FrameReader) => r.framed(10, 'x')],
  ['half a number', '0000', (r: FrameReader) => r.int32()],
  ['a number no double holds', '7fffffffffffffff', (r: FrameReader) => r.int64()],
  ['text that is not UTF-8', '00000001ff', (r: FrameReader) => r.text(10, 'x')],
  ['a byte that is neither 0 nor 1', '02', (r: FrameReader) => r.bool8()],
])('%s is refused', (_, hex, read) => {
  expect(() => read(new FrameReader(fromHex(hex)))).toThrow(MalformedRequest);
});
