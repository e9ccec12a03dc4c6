/**
 * The crash table (A-9 §11): every operation is killed at each of its calls to the node, before and
 * after the call took effect, or loses just that one. A device that opens the drive afterwards finds the
 * old state or the new one, and nothing else; doing it again succeeds and leaves nothing behind.
 * Operations of many calls are killed at a sample of them unless the run is a long one.
 */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sampled } from '#lib/bytes/testing.ts';
import { observed, type FaultPlan } from '#lib/writers/testing.ts';
import { bytesSource, type Drive, type Handle } from './index.ts';
import {
  bytesOf,
  countMapped,
  countReachable,
  createTestDrive,
  patternOf,
  put,
  rowsOf,
  type TestDrive,
} from './testing.ts';

const CHUNK = 64;

interface Story {
  readonly name: string;
  readonly act: (drive: Drive) => Promise<unknown>;
  /** States between old and new that are allowed: groups of an upload are commits of their own. */
  readonly isBatched?: boolean;
}

const LARGE = patternOf(10 * CHUNK + 5, 3);

const STORIES: Story[] = [
  {
    name: 'make a folder',
    act: async (drive) => drive.makeDirectory(await drive.resolve(['a']), 'new'),
  },
  {
    name: 'upload one chunk',
    act: async (drive) => put(drive, await drive.resolve(['a']), 'one', patternOf(50, 1)),
  },
  {
    name: 'upload eleven chunks',
    act: async (drive) =>
      drive.upload(await drive.resolve(['a']), [
        { path: ['large'], source: bytesSource(LARGE, 1_700_000_000_000) },
      ]),
  },
  {
    name: 'replace a file by a small one',
    act: (drive) => replace(drive, patternOf(2 * CHUNK, 8)),
  },
  { name: 'replace a file by a large one', act: (drive) => replace(drive, LARGE) },
  {
    name: 'upload a folder of files',
    isBatched: true,
    act: async (drive) =>
      drive.upload(
        await drive.resolve(['a']),
        [0, 1, 2, 3].map((i) => ({
          path: ['tree', `${i % 2}`, `f${i}`],
          source: bytesSource(patternOf(30 + i, i)),
        })),
        { onConflict: 'replace' },
      ),
  },
  {
    name: 'overwrite a range',
    act: async (drive) =>
      drive.overwrite(await drive.resolve(['a', 'f']), 60, bytesSource(patternOf(90, 7))),
  },
  {
    name: 'append',
    act: async (drive) => {
      const file = await drive.resolve(['a', 'f']);
      // Appending twice is not what a retry wants: it says where it means the end to be.
      await drive.overwrite(file, 150, bytesSource(patternOf(200, 4)));
    },
  },
  {
    name: 'replaceContent',
    act: async (drive) => {
      const file = await drive.resolve(['a', 'f']);
      await drive.replaceContent(file, bytesSource(patternOf(70, 6)));
    },
  },
  { name: 'truncate', act: async (drive) => drive.truncate(await drive.resolve(['a', 'f']), 70) },
  {
    name: 'rename',
    act: async (drive) => {
      const folder = await drive.resolve(['a']);
      const row = await drive.find(folder, 'f');
      if (row) await drive.rename(folder, row, 'renamed');
    },
  },
  {
    name: 'move',
    act: async (drive) => {
      const folder = await drive.resolve(['a']);
      const row = await drive.find(folder, 'sub');
      if (row) await drive.move(folder, [row], await drive.resolve(['b']));
    },
  },
  {
    name: 'copy a file',
    act: async (drive) => {
      const folder = await drive.resolve(['a']);
      const row = (await drive.find(folder, 'f'))!;
      await drive.copy(folder, [row], await drive.resolve(['b']), { onConflict: 'replace' });
    },
  },
  {
    name: 'copy a tree',
    isBatched: true,
    act: async (drive) => {
      const home = await drive.home();
      const row = (await drive.find(home, 'a'))!;
      const target = await drive.resolve(['b']);
      // A second copy would be another one: who tries again throws the first away.
      const broken = await drive.find(target, 'a');
      if (broken) await drive.remove(target, [broken]);
      await drive.copy(home, [row], await drive.resolve(['b']));
    },
  },
  {
    name: 'delete a tree',
    act: async (drive) => {
      const home = await drive.home();
      const row = await drive.find(home, 'a');
      if (row) await drive.remove(home, [row]);
    },
  },
];

async function replace(drive: Drive, bytes: Uint8Array): Promise<void> {
  const item = { path: ['f'], source: bytesSource(bytes, 1_700_000_000_000) };
  await drive.upload(await drive.resolve(['a']), [item], { onConflict: 'replace' });
}

async function setUp(): Promise<TestDrive> {
  const test = await createTestDrive({ chunkBytes: CHUNK, childrenPerChunk: 3 });
  const { drive } = test;
  const home = await drive.home();
  const a = await drive.makeDirectory(home, 'a');
  await drive.makeDirectory(home, 'b');
  const sub = await drive.makeDirectory(a, 'sub');
  await put(drive, a, 'f', patternOf(150));
  await put(drive, sub, 'inner', patternOf(70, 2));
  return test;
}

/** Path → content of everything a person sees. */
async function pictureOf(test: TestDrive): Promise<Record<string, string>> {
  const drive = test.another();
  const picture: Record<string, string> = {};
  const visit = async (folder: Handle, path: string): Promise<void> => {
    const rows = (await rowsOf(drive, folder)).filter(({ name }) => name !== '.transactions');
    for (const child of await drive.openMany(folder, rows)) {
      if (child instanceof Error) throw child;
      const at = `${path}/${child.name}`;
      picture[at] = child.isDirectory ? 'folder' : hashOf(await bytesOf(drive, child));
      if (child.isDirectory) await visit(child, at);
    }
  };
  await visit(await drive.home(), '');
  return sorted(picture);
}

function sorted(picture: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(picture).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** What only asks leaves the same behind, whether it was heard or not. */
const ASKING = /\.(?:get|has|sizeBytes|champLookup|properties)$/;

const KINDS: Record<string, (n: number) => FaultPlan> = {
  'killed before': (n) => (i) => (i >= n ? 'lost request' : undefined),
  'killed after': (n) => (i) => (i > n ? 'lost request' : i === n ? 'lost reply' : undefined),
  'one answer lost': (n) => (i) => (i === n ? 'lost reply' : undefined),
};

describe.each(STORIES)('$name', ({ act, isBatched }) => {
  it('is done or not done, whichever call it dies at', { timeout: 120_000 }, async () => {
    const plain = await setUp();
    const before = await pictureOf(plain);
    const watched = observed(plain.account.node);
    await act(plain.another(watched.node));
    const after = await pictureOf(plain);
    expect(after).not.toEqual(before);
    for (const { kind, n, plan } of faultsOf(watched.calls)) {
      const test = await setUp();
      const what = `${kind} call ${n} (${watched.calls[n]})`;
      const faulty = observed(test.account.node, plan);
      await act(test.another(faulty.node)).catch(() => undefined);
      const found = await pictureOf(test);
      if (isBatched) expect(isBetween(before, found, after), what).toBe(true);
      else expect([before, after], what).toContainEqual(found);
      await act(test.another()).catch((error: unknown) => {
        if ((error as Error).name !== 'NameExists') throw error;
      });
      expect(await pictureOf(test), `${what}, done again`).toEqual(after);
      await expectNothingLeft(test, what);
    }
  });
});

/** Every call with every fault it may meet. */
function faultsOf(calls: readonly string[]) {
  const faults = Object.entries(KINDS).flatMap(([kind, planFor]) =>
    calls.flatMap((call, n) =>
      kind === 'killed after' && ASKING.test(call) ? [] : [{ kind, n, plan: planFor(n) }],
    ),
  );
  return sampled(faults, faults.length > 60 ? 6 : 1);
}

/** Whole entries of the new state only, none of the old lost. */
function isBetween(
  before: Record<string, string>,
  found: Record<string, string>,
  after: Record<string, string>,
): boolean {
  const isKnown = Object.entries(found).every(([path, content]) => after[path] === content);
  return isKnown && Object.keys(before).every((path) => path in found);
}

/** No chunk that nothing leads to, once open uploads are cleared. */
async function expectNothingLeft(test: TestDrive, what: string): Promise<void> {
  const drive = test.another();
  for (const open of await drive.uploads().list()) await drive.uploads().clear(open);
  const reachable = await countReachable(drive, test, await drive.home(), CHUNK);
  expect(await countMapped(test), `${what}: labels in the data map`).toBe(reachable);
}
