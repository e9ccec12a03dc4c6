import { expect, it } from 'vitest';
import { createWriterLock } from '#lib/writers/index.ts';
import { bytesSource } from './index.ts';
import { bytesOf, createTestDrive, namesOf, patternOf } from './testing.ts';

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
