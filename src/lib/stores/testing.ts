/**
 * The same behaviour of every kind of store: the interfaces of `types.ts` as tests. A kind is given
 * as a function that makes an empty store within a test (and cleans up with `onTestFinished`).
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createMemoryStores } from './memory.ts';
import type { BlockStore, RecordEntry, RecordStore } from './types.ts';

type Make<Store> = () => Promise<Store>;

const bytes = (...values: number[]) => Uint8Array.from(values);

/** Keys that would be something else as a path, a pattern, a statement or a part of an URL. */
const ASCII_KEYS = [
  '../up',
  '/etc/passwd',
  '.',
  '..',
  'a//b',
  'a/./b',
  'a/../../b',
  'CON',
  'con',
  'a b+c&d=e?f#g',
  '%2e%2e%2f',
  "'; DROP TABLE blocks; --",
  'a*(b)!~:@$,;[]{}|^`"<>\\',
  'index.sqlite',
  `owner/${'z'.repeat(60)}`,
];
const OTHER_KEYS = ['é', 'e\u0301', '\u{1f600}', '\uff5e', '\ue000', '\u0000', 'a\nb', '\ud800'];

export interface BlockKeys {
  /** Object stores take names only and refuse the rest. Every kind of text when absent. */
  readonly areNames?: boolean;
}

export function describeBlockStore(
  kind: string,
  make: Make<BlockStore>,
  { areNames = false }: BlockKeys = {},
): void {
  describe(`blocks in ${kind}`, () => {
    test('are there after they were put, and absent otherwise', async () => {
      const blocks = await make();
      await blocks.putMany([
        { key: 'a/1', bytes: bytes(1, 2) },
        { key: 'a/2', bytes: new Uint8Array(0) },
      ]);
      expect(await blocks.get('a/1')).toEqual(bytes(1, 2));
      expect(await blocks.get('a/2')).toEqual(new Uint8Array(0));
      expect(await blocks.get('a/3')).toBeUndefined();
      expect([await blocks.has('a/1'), await blocks.has('a/3')]).toEqual([true, false]);
      await blocks.putMany([]);
      await blocks.deleteMany([]);
    });

    test('keep their first value, also within one call', async () => {
      const blocks = await make();
      await blocks.putMany([{ key: 'k', bytes: bytes(1) }]);
      await blocks.putMany([{ key: 'k', bytes: bytes(2, 2) }]);
      await blocks.putMany([
        { key: 'l', bytes: bytes(3) },
        { key: 'l', bytes: bytes(4, 4) },
      ]);
      expect(await blocks.get('k')).toEqual(bytes(1));
      expect(await blocks.get('l')).toEqual(bytes(3));
      expect(await blocks.list('')).toEqual([
        { key: 'k', sizeBytes: 1 },
        { key: 'l', sizeBytes: 1 },
      ]);
    });

    test('are copies: neither the given nor the returned buffer is shared', async () => {
      const blocks = await make();
      const given = bytes(9, 1, 2, 9).subarray(1, 3);
      await blocks.putMany([{ key: 'k', bytes: given }]);
      given.fill(0);
      const first = await blocks.get('k');
      expect(first).toEqual(bytes(1, 2));
      expect(first?.buffer.byteLength).toBe(2);
      first?.fill(7);
      expect(await blocks.get('k')).toEqual(bytes(1, 2));
    });

    test('are deleted, absent ones being ignored, and can be put again', async () => {
      const blocks = await make();
      await blocks.putMany([
        { key: 'a', bytes: bytes(1) },
        { key: 'b', bytes: bytes(2) },
      ]);
      await blocks.deleteMany(['a', 'z', 'a']);
      expect(await blocks.list('')).toEqual([{ key: 'b', sizeBytes: 1 }]);
      expect(await blocks.has('a')).toBe(false);
      expect(await blocks.get('a')).toBeUndefined();
      await blocks.putMany([{ key: 'a', bytes: bytes(3) }]);
      expect(await blocks.get('a')).toEqual(bytes(3));
    });

    test('are listed by prefix, in order, page by page', async () => {
      const blocks = await make();
      const keys = ['a/1', 'a/10', 'a/2', 'b/1', 'a0', 'A/1'];
      await blocks.putMany(keys.map((key, i) => ({ key, bytes: new Uint8Array(i) })));
      const keysOf = async (...args: [string, string?, number?]) =>
        (await blocks.list(...args)).map(({ key }) => key);
      expect(await keysOf('')).toEqual(keys.toSorted());
      expect(await keysOf('a/')).toEqual(['a/1', 'a/10', 'a/2']);
      expect(await keysOf('a/', 'a/1', 1)).toEqual(['a/10']);
      expect(await keysOf('a/', 'a/10', 1)).toEqual(['a/2']);
      expect(await keysOf('a/', 'a/2')).toEqual([]);
      expect(await keysOf('a/', 'A')).toEqual(['a/1', 'a/10', 'a/2']);
      expect(await keysOf('a/', 'z')).toEqual([]);
      expect(await keysOf('', undefined, 0)).toEqual([]);
      expect(await keysOf('c')).toEqual([]);
    });

    if (areNames) test('have no keys that could mean something else', () => refuseOtherKeys(make));
    else test('have keys that mean nothing but themselves', () => takeAnyKeys(make));

    test('put by many at once are all there', async () => {
      const blocks = await make();
      const keyOf = (n: number) => `k/${String(n).padStart(2, '0')}`;
      // Every key is put by two calls.
      await Promise.all(
        Array.from({ length: 20 }, (_, call) =>
          blocks.putMany(
            Array.from({ length: 10 }, (_, i) => (call * 5 + i) % 100).map((n) => ({
              key: keyOf(n),
              bytes: bytes(n, n),
            })),
          ),
        ),
      );
      const expected = Array.from({ length: 100 }, (_, n) => ({ key: keyOf(n), sizeBytes: 2 }));
      expect(await blocks.list('')).toEqual(expected);
      expect(await blocks.get(keyOf(57))).toEqual(bytes(57, 57));
    });

    test('are not read once their reader has given up', async () => {
      const blocks = await make();
      await expect(blocks.get('k', AbortSignal.abort())).rejects.toHaveProperty(
        'name',
        'AbortError',
      );
    });
  });
}

async function takeAnyKeys(make: Make<BlockStore>): Promise<void> {
  const blocks = await make();
  const keys = [...ASCII_KEYS, ...OTHER_KEYS];
  await blocks.putMany(keys.map((key, i) => ({ key, bytes: bytes(i) })));
  const stored = await Promise.all(keys.map((key) => blocks.get(key)));
  expect(stored).toEqual(keys.map((_, i) => bytes(i)));
  const listed = await blocks.list('');
  // Order by UTF-16 code unit, which is what sorting without a comparison does.
  expect(listed.map(({ key }) => key)).toEqual(keys.toSorted());
  const halfway = keys.toSorted()[8];
  expect((await blocks.list('', halfway)).map(({ key }) => key)).toEqual(keys.toSorted().slice(9));
  await blocks.deleteMany(keys.slice(1));
  expect(await blocks.list('')).toEqual([{ key: keys[0], sizeBytes: 1 }]);
}

async function refuseOtherKeys(make: Make<BlockStore>): Promise<void> {
  const blocks = await make();
  for (const key of [...ASCII_KEYS, ...OTHER_KEYS].filter((key) => !/^[\w/]+\w$/.test(key))) {
    const entries = [
      { key: 'good', bytes: bytes(1) },
      { key, bytes: bytes(1) },
    ];
    await expect(blocks.putMany(entries)).rejects.toBeInstanceOf(RangeError);
    await expect(blocks.get(key)).rejects.toBeInstanceOf(RangeError);
  }
  expect(await blocks.list('')).toEqual([]);
}

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

/** Random calls have the same results and leave the same contents as in memory. */
export function describeAgreement(
  kind: string,
  make: Make<{ readonly blocks: BlockStore; readonly records: RecordStore }>,
  { areNames = false, runs = 30 }: BlockKeys & { readonly runs?: number } = {},
): void {
  // Some object stores keep folders: nothing may be called as one of them is.
  const keys = areNames ? ['a0', 'a/1', 'a/2', 'b', 'B'] : ['a', 'a/1', 'a/2', 'b', 'é', '😀'];
  const key = fc.constantFrom(...keys);
  const call = fc.record({
    call: fc.constantFrom('put', 'delete', 'apply'),
    keys: fc.array(key),
    byte: fc.nat(3),
  });
  test(`${kind} agrees with memory over random calls`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 20 }), async (calls) => {
        const pair = [createMemoryStores(), await make()];
        for (const { call, keys, byte } of calls) {
          const [left, right] = await Promise.all(
            pair.map(async ({ blocks, records }) => {
              const entries = keys.map((key, i) => ({ key, bytes: bytes(byte, i) }));
              if (call === 'put') return blocks.putMany(entries);
              if (call === 'delete') return blocks.deleteMany(keys);
              const value = byte === 0 ? undefined : bytes(byte);
              const expectation = { table: 't', key: keys[0] ?? 'a', value: bytes(byte - 1) };
              return records.apply({
                expect: byte > 1 ? [expectation] : [],
                writes: keys.map((key) => ({ table: 't', key, value })),
              });
            }),
          );
          expect(right).toEqual(left);
        }
        const [left, right] = await Promise.all(
          pair.map(async ({ blocks, records }) => ({
            blocks: await blocks.list(''),
            records: await records.list('t', ''),
          })),
        );
        expect(right).toEqual(left);
      }),
      { numRuns: runs },
    );
  });
}
