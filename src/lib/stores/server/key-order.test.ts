import fc from 'fast-check';
import { expect, test } from 'vitest';
import { keyFromBytes, keyRange, keyToBytes } from './key-order.ts';

const text = fc.string({
  unit: fc.integer({ min: 0, max: 0xfffe }).map((u) => String.fromCharCode(u)),
});

test('bytes sort as keys do, and are read back', () => {
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(keyFromBytes(keyToBytes(a))).toBe(a);
      expect(Math.sign(Buffer.compare(keyToBytes(a), keyToBytes(b)))).toBe(
        a < b ? -1 : a > b ? 1 : 0,
      );
    }),
  );
});

test('a range holds the keys that start with a prefix and come after another', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '\u0000', 'é', '\ufffe'), maxLength: 4 });
  fc.assert(
    fc.property(key, key, fc.option(key, { nil: undefined }), (key, prefix, after) => {
      fc.pre(key !== '');
      const { from, before } = keyRange(prefix, after);
      const bytes = keyToBytes(key);
      const isInside = Buffer.compare(bytes, from) >= 0 && Buffer.compare(bytes, before) < 0;
      expect(isInside).toBe(key.startsWith(prefix) && (after === undefined || key > after));
    }),
  );
});
