/** How every store of blocks behaves: the interface of `types.ts` as tests. */
import { describe, expect, test } from 'vitest';
import type { BlockStore } from '../types.ts';
import { ASCII_KEYS, OTHER_KEYS, bytes } from './keys.ts';
import type { BlockKeys, Make } from './keys.ts';

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
