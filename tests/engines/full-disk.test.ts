/** Stores on a disk that is really full: nothing is lost, nothing is half there, removal works. */
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createDiskBlockStore, createSqliteRecordStore } from '#lib/stores/server/index.ts';
import { StoreFull } from '#lib/stores/index.ts';
import { mountSmallDisk } from '../server/small-disk.ts';

const disk = mountSmallDisk(16);

/** Calls until the disk is full; answers how many succeeded. */
async function fill(write: (n: number) => Promise<unknown>): Promise<number> {
  for (let n = 0; ; n++) {
    try {
      await write(n);
    } catch (error) {
      expect(error).toBeInstanceOf(StoreFull);
      return n;
    }
  }
}

describe.skipIf(disk === undefined)('a full disk', () => {
  const folder = disk?.folder ?? '';
  afterAll(() => disk?.remove());

  test('holds whole batches of blocks, which can be read and removed', async () => {
    const path = join(folder, 'blocks');
    const store = await createDiskBlockStore(path);
    const keyOf = (n: number, i: number) => `a/${String(n)}/${String(i)}`;
    const batch = (n: number, size: number) =>
      store.putMany(
        [0, 1, 2].map((i) => ({ key: keyOf(n, i), bytes: new Uint8Array(size).fill(n) })),
      );
    const large = await fill((n) => batch(n, 300_000));
    const small = await fill((n) => batch(large + n, 1000));
    expect(large).toBeGreaterThan(2);
    expect(await store.list('')).toHaveLength(3 * (large + small));
    for (let n = 0; n < large; n++) {
      expect(await store.get(keyOf(n, 2))).toEqual(new Uint8Array(300_000).fill(n));
    }
    await store.deleteMany((await store.list('')).map(({ key }) => key));
    await batch(0, 300_000);
    await store.close();
    const again = await createDiskBlockStore(path);
    expect(await again.list('')).toHaveLength(3);
    await again.deleteMany([0, 1, 2].map((i) => keyOf(0, i)));
    await again.close();
  });

  test('holds whole changes of records, which can be removed', async () => {
    const file = join(folder, 'node.sqlite');
    const store = await createSqliteRecordStore(file);
    const entry = (n: number, i: number) => ({ table: 't', key: `${String(n)}/${String(i)}` });
    const value = new Uint8Array(20_000);
    const changes = await fill((n) =>
      store.apply({ writes: [0, 1, 2].map((i) => ({ ...entry(n, i), value })) }),
    );
    expect(await store.list('t', '')).toHaveLength(3 * changes);
    const writes = [0, 1, 2].map((i) => ({ ...entry(0, i), value: undefined }));
    expect(await store.apply({ writes })).toBe(true);
    expect(await store.list('t', '')).toHaveLength(3 * changes - 3);
    await store.close();
    const again = await createSqliteRecordStore(file);
    expect(await again.list('t', '')).toHaveLength(3 * changes - 3);
    await again.close();
  });
});
