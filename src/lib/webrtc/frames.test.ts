import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concat, fromHex, toHex } from '#lib/bytes/index.ts';
import { MalformedPeerData } from './errors.ts';
import { encodeFrame, FLAG, FrameDecoder, MAX_DATA_BYTES, protobufFields } from './frames.ts';
import type { Frame } from './frames.ts';

const decode = (...pieces: readonly Uint8Array[]): Frame[] => {
  const decoder = new FrameDecoder();
  return pieces.flatMap((piece) => [...decoder.add(piece)]);
};

test('frames are the protobuf that the specification names, with their length in front', () => {
  // Written by hand: field 1 as varint, field 2 as bytes.
  expect(toHex(encodeFrame({ flag: FLAG.reset }))).toBe('020802');
  expect(toHex(encodeFrame({ data: fromHex('0a0b') }))).toBe('0412020a0b');
  expect(toHex(encodeFrame({ flag: FLAG.fin, data: fromHex('ff') }))).toBe('0508001201ff');
  expect(decode(fromHex('0508001201ff'))).toEqual([{ flag: FLAG.fin, data: fromHex('ff') }]);
});

test('frames come out whole however what carries them is cut', () => {
  const frame = fc.record(
    { flag: fc.constantFrom(0, 1, 2, 3), data: fc.uint8Array({ maxLength: 300 }) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 6 }), fc.array(fc.nat(2000)), (frames, cuts) => {
      const bytes = concat(...frames.map(encodeFrame));
      const at = [0, ...cuts.filter((it) => it < bytes.length).sort((a, b) => a - b), bytes.length];
      const pieces = at.slice(1).map((end, i) => bytes.slice(at[i], end));
      expect(decode(...pieces)).toEqual(frames);
    }),
  );
});

test('the largest frame fits the largest message, and a larger one is refused before it is there', () => {
  const largest = encodeFrame({ flag: 3, data: new Uint8Array(MAX_DATA_BYTES) });
  expect(largest.length).toBeLessThanOrEqual(16 * 1024);
  expect(decode(largest)).toHaveLength(1);
  expect(() => encodeFrame({ data: new Uint8Array(MAX_DATA_BYTES + 1) })).toThrow(RangeError);
  expect(() => decode(fromHex('ffff01'))).toThrow(MalformedPeerData);
  expect(() => decode(fromHex('ffffffffffffffffff'))).toThrow(MalformedPeerData);
});

test('unknown fields are passed over, and malformed ones are refused', () => {
  expect(decode(fromHex('091a02aabb2005120177'))).toEqual([{ data: fromHex('77') }]);
  // A fixed-width field, bytes that end early, a number that ends early.
  for (const bad of ['050d01020304', '02120a', '0108', '020880']) {
    expect(() => decode(fromHex(bad)), bad).toThrow(MalformedPeerData);
  }
});

test('whatever bytes come, they are fields or refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        for (const { field } of protobufFields(bytes)) expect(field).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedPeerData);
      }
    }),
  );
});
