import { describe, expect, it } from 'vitest';
import { isLongRun } from '#lib/bytes/testing.ts';
import { createSeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import { countMapped, countReachable, createTestDrive, ownRowsOf } from '#lib/drive/testing.ts';
import { World } from './world.ts';

const COMPARE_EVERY = 50;

/** Small chunks are stored inline, those of 5000 bytes as fragments (A-3 §2.2). */
describe.each([
  { seed: 1, chunkBytes: 64, childrenPerChunk: 4, steps: isLongRun ? 900 : 300 },
  { seed: 2, chunkBytes: 5000, childrenPerChunk: 500, steps: isLongRun ? 600 : 250 },
  { seed: 3, chunkBytes: 300, childrenPerChunk: 3, steps: isLongRun ? 600 : 250 },
])('$steps random operations, seed $seed, chunks of $chunkBytes bytes', (run) => {
  it('do to the drive what they do to a file system in memory', { timeout: 300_000 }, async () => {
    const { seed, chunkBytes, childrenPerChunk, steps } = run;
    const test = await createTestDrive({ seed, chunkBytes, childrenPerChunk });
    const world = new World(test, createSeededRandom(seed), chunkBytes);
    const history: string[] = [];
    for (let i = 1; i <= steps; i++) {
      try {
        history.push(await world.step());
        if (i % COMPARE_EVERY === 0 || i === steps) await world.compare();
      } catch (cause) {
        throw new Error(`step ${i} (${history.slice(-3).join(', ')})`, { cause });
      }
    }
    expect(world.files).toBeGreaterThan(0);
    await removeEverything(test, chunkBytes);
  });
});

/** Taking everything out leaves the home alone in the data map, and the rest can be collected. */
async function removeEverything(
  test: Awaited<ReturnType<typeof createTestDrive>>,
  chunkBytes: number,
): Promise<void> {
  const { drive, account } = test;
  const home = await drive.home();
  await drive.remove(home, await ownRowsOf(drive, home));
  const reachable = await countReachable(drive, test, home, chunkBytes);
  expect(await countMapped(test)).toBe(reachable);
  account.clock.nowMs += 25 * 3600 * 1000;
  const before = await account.node.storedBytes();
  await account.node.collect(account.owner);
  const after = await account.node.storedBytes();
  expect(after).toBeLessThan(before / 4);
  expect(after).toBeLessThan(10_000 + reachable * 6000);
}
