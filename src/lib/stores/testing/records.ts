/** How every store of records behaves: the interface of `types.ts` as tests. */
import { describe, expect, test } from 'vitest';
import type { RecordEntry, RecordStore } from '../types.ts';
import { ASCII_KEYS, OTHER_KEYS, bytes } from './keys.ts';
import type { Make } from './keys.ts';

export function describeRecordStore(kind: string, make: Make<RecordStore>): void {
  describe(`records in ${kind}`, () => {
    test('change together iff every expectation holds', async () => {
      const records = await make();
      const write = (value: Uint8Array | undefined): RecordEntry => ({
        table: 't',
        key: 'k',
        value,
      });
      const other: RecordEntry = { table: 'u', key: 'k', value: bytes(5) };
      expect(
        await records.apply({ expect: [write(undefined)], writes: [write(bytes(1)), other] }),
      ).toBe(true);
      expect(await records.apply({ expect: [write(undefined)], writes: [write(bytes(2))] })).toBe(
        false,
      );
      expect(
        await records.apply({ expect: [write(bytes(1, 0)), other], writes: [write(bytes(2))] }),
      ).toBe(false);
      expect(await records.get('t', 'k')).toEqual(bytes(1));
      expect(
        await records.apply({ expect: [write(bytes(1)), other], writes: [write(undefined)] }),
      ).toBe(true);
      expect(await records.get('t', 'k')).toBeUndefined();
      expect(await records.get('u', 'k')).toEqual(bytes(5));
    });

    test('may be empty, which is not absent, and change relaxedly', async () => {
      const records = await make();
      const empty: RecordEntry = { table: 't', key: 'k', value: new Uint8Array(0) };
      const absent: RecordEntry = { table: 't', key: 'k', value: undefined };
      expect(await records.apply({ writes: [empty], durability: 'relaxed' })).toBe(true);
      expect(await records.get('t', 'k')).toEqual(new Uint8Array(0));
      expect(await records.list('t', '')).toEqual([{ key: 'k', value: new Uint8Array(0) }]);
      expect(await records.apply({ expect: [absent], writes: [] })).toBe(false);
      expect(await records.apply({ expect: [empty], writes: [absent, absent] })).toBe(true);
      expect(await records.apply({ expect: [empty], writes: [] })).toBe(false);
      expect(await records.apply({ expect: [absent], writes: [] })).toBe(true);
    });

    test('take the last of several writes to one key', async () => {
      const records = await make();
      const write = (value: Uint8Array | undefined) => ({ table: 't', key: 'k', value });
      await records.apply({ writes: [write(bytes(1)), write(undefined), write(bytes(2))] });
      expect(await records.get('t', 'k')).toEqual(bytes(2));
      await records.apply({ writes: [write(bytes(3)), write(undefined)] });
      expect(await records.get('t', 'k')).toBeUndefined();
    });

    test('are copies: neither the given nor the returned buffer is shared', async () => {
      const records = await make();
      const given = bytes(9, 1, 2, 9).subarray(1, 3);
      await records.apply({ writes: [{ table: 't', key: 'k', value: given }] });
      given.fill(0);
      const first = await records.get('t', 'k');
      expect(first).toEqual(bytes(1, 2));
      first?.fill(7);
      expect(await records.get('t', 'k')).toEqual(bytes(1, 2));
    });

    test('are listed within their table only, in order, page by page', async () => {
      const records = await make();
      const writes = ['y', 'x/2', 'x/1'].flatMap((key) => [
        { table: 't', key, value: bytes(1) },
        { table: 'tt', key, value: bytes(2) },
      ]);
      await records.apply({ writes });
      const keysOf = async (...args: [string, string?, number?]) =>
        (await records.list('t', ...args)).map(({ key }) => key);
      expect(await keysOf('')).toEqual(['x/1', 'x/2', 'y']);
      expect(await records.list('t', 'x/', 'x/1')).toEqual([{ key: 'x/2', value: bytes(1) }]);
      expect(await keysOf('', undefined, 2)).toEqual(['x/1', 'x/2']);
      expect(await keysOf('', undefined, 0)).toEqual([]);
      expect(await keysOf('x/', 'A')).toEqual(['x/1', 'x/2']);
      expect(await keysOf('x/', 'y')).toEqual([]);
      expect(await records.list('none', '')).toEqual([]);
    });

    test('have keys that mean nothing but themselves', async () => {
      const records = await make();
      const keys = [...ASCII_KEYS, ...OTHER_KEYS];
      await records.apply({
        writes: keys.map((key, i) => ({ table: 't', key, value: bytes(i) })),
      });
      const listed = await records.list('t', '');
      expect(listed).toEqual(
        keys.toSorted().map((key) => ({ key, value: bytes(keys.indexOf(key)) })),
      );
      const fourth = listed[3]?.key;
      expect((await records.list('t', '', fourth, 2)).map(({ key }) => key)).toEqual(
        keys.toSorted().slice(4, 6),
      );
    });

    test('let exactly one of many competing writers succeed', async () => {
      const records = await make();
      const absent = { table: 't', key: 'k', value: undefined };
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          records.apply({ expect: [absent], writes: [{ table: 't', key: 'k', value: bytes(i) }] }),
        ),
      );
      expect(outcomes.filter(Boolean)).toHaveLength(1);
    });
  });
}
