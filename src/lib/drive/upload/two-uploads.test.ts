import { expect, it } from 'vitest';
import { createWriterLock } from '#lib/writers/index.ts';
import { bytesSource } from '../index.ts';
import { bytesOf, createTestDrive, namesOf, patternOf, put } from '../testing.ts';

it('the same large file stored twice at once is there twice, and whole', async () => {
  const test = await createTestDrive({ chunkBytes: 64 });
  const lock = createWriterLock();
  const [one, two] = [test.another(undefined, { lock }), test.another(undefined, { lock })];
  const chunkBytes = 64;
  const bytes = patternOf(chunkBytes * 30 + 5);
  const store = async (drive: typeof one) => {
    const source = { ...bytesSource(bytes), modifiedMs: 1_700_000_000_000 };
    return drive.upload(await drive.home(), [{ path: ['same.bin'], source }], {
      onConflict: 'keep-both',
    });
  };
  await Promise.all([store(one), store(two)]);
  const fresh = test.another();
  const home = await fresh.home();
  const names = (await namesOf(fresh, home)).filter((name) => name.startsWith('same'));
  expect(names.sort()).toEqual(['same (copy).bin', 'same.bin']);
  for (const name of names) {
    const file = await fresh.resolve([name]);
    expect(await bytesOf(fresh, file)).toEqual(bytes);
  }
});

it('a slow device gets its file into a folder that a fast one fills without a rest', async () => {
  const { drive, another, account } = await createTestDrive();
  const home = await drive.home();
  const { pointers } = account.node;
  let others = 0;
  const node: typeof account.node = {
    ...account.node,
    pointers: {
      ...pointers,
      set: async (...update) => {
        if (others < 30) await put(drive, home, `fast${++others}`, patternOf(5));
        return pointers.set(...update);
      },
    },
  };
  await put(another(node, { pause: () => Promise.resolve() }), home, 'slow', patternOf(20));
  expect(await namesOf(drive, home)).toHaveLength(31);
});
