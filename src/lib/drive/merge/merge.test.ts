/** A person works on without a network, and comes back. */
import { describe, expect, test } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { PendingDamaged, PendingFull } from '#lib/offline/index.ts';
import { NodeUnreachable, QuotaExceeded } from '#lib/protocol/index.ts';
import { bytesSource, type Drive } from '../index.ts';
import { bytesOf, createTestDrive, namesOf, patternOf, type TestDrive } from '../testing.ts';
import { ChangesRefused } from './refusals.ts';
import { createDevice, treeOf, type Device } from './testing.ts';

type Tree = Record<string, string | null>;

async function write(drive: Drive, path: string, text: string): Promise<void> {
  const { folder, names } = await storedBelow(drive, path);
  const items = [{ path: names, source: bytesSource(utf8(text)) }];
  await drive.upload(folder, items, { onConflict: 'replace' });
}

async function folder(drive: Drive, path: string): Promise<void> {
  const { folder, names } = await storedBelow(drive, path);
  if (names.length > 0) await drive.upload(folder, [{ path: names }]);
}

/** The folder that something is stored into: the trash for what is in it, else the home. */
async function storedBelow(drive: Drive, path: string) {
  const [first = '', ...rest] = path.split('/');
  if (first !== '.trash') return { folder: await drive.home(), names: [first, ...rest] };
  await drive.makeSystemFolders([[first]]);
  return { folder: await drive.resolve([first]), names: rest };
}

async function placed(drive: Drive, path: string) {
  const names = path.split('/');
  const at = await drive.resolve(names.slice(0, -1));
  const row = await drive.find(at, names.at(-1)!);
  if (row === undefined) throw new Error(`nothing at ${path}`);
  return { at, row };
}

async function rename(drive: Drive, path: string, name: string): Promise<void> {
  const { at, row } = await placed(drive, path);
  await drive.rename(at, row, name);
}

async function move(drive: Drive, path: string, to: string): Promise<void> {
  const { at, row } = await placed(drive, path);
  await drive.move(at, [row], await drive.resolve(to === '' ? [] : to.split('/')));
}

async function remove(drive: Drive, path: string): Promise<void> {
  const { at, row } = await placed(drive, path);
  await drive.remove(at, [row]);
}

/** Throws something away as the app does: into a folder of its own in the trash. */
async function trash(drive: Drive, path: string, act: string): Promise<void> {
  await folder(drive, `.trash/${act}`);
  await move(drive, path, `.trash/${act}`);
}

async function hide(drive: Drive, path: string, isHidden = true): Promise<void> {
  const { at, row } = await placed(drive, path);
  await drive.setProperties(await drive.open(at, row), { isHidden });
}

/** Two devices that have seen the same tree. */
async function two(tree: Tree, seed = 1) {
  const test = await createTestDrive({ seed, chunkBytes: 64 * 1024 });
  const away = createDevice(test, { seed: 7_000 + seed });
  const other = createDevice(test, { seed: 8_000 + seed });
  for (const [path, text] of Object.entries(tree)) {
    await (text === null ? folder(away.drive, path) : write(away.drive, path, text));
  }
  await treeOf(away.drive);
  await treeOf(other.drive);
  return { test, away, other };
}

/** Two devices, of which one works without a network meanwhile; its line is down still. */
async function apart(tree: Tree | undefined, here: Work, there: Work) {
  const devices = await two(tree ?? { 'a.txt': 'one', 'docs/b.txt': 'two' });
  devices.away.line.isUp = false;
  await here(devices.away.drive);
  await there(devices.other.drive);
  return devices;
}

const shown = async (drive: Drive): Promise<Tree> => Object.fromEntries(await treeOf(drive));
const fresh = (test: TestDrive): Drive => test.another();

describe('without a network', () => {
  test('changes are seen at once, outlive a reload, and arrive', async () => {
    const { test: it, away } = await two({
      'a.txt': 'one',
      'docs/b.txt': 'two',
      'docs/c.txt': 'x',
    });
    away.line.isUp = false;
    await write(away.drive, 'new.txt', 'new');
    await folder(away.drive, 'trips');
    await rename(away.drive, 'a.txt', 'z.txt');
    await move(away.drive, 'docs/b.txt', 'trips');
    await remove(away.drive, 'docs/c.txt');
    const expected = {
      'new.txt': 'new',
      'z.txt': 'one',
      docs: null,
      trips: null,
      'trips/b.txt': 'two',
    };
    expect(await shown(away.drive)).toEqual(expected);
    expect(await away.pending()).toBeGreaterThanOrEqual(5);
    const reloaded = createDevice(it, { seed: 99, stores: away.stores });
    reloaded.line.isUp = false;
    expect(await shown(reloaded.drive)).toEqual(expected);
    await expect(reloaded.send()).rejects.toBeInstanceOf(NodeUnreachable);
    expect(Object.keys(await shown(fresh(it))).sort()).toEqual([
      'a.txt',
      'docs',
      'docs/b.txt',
      'docs/c.txt',
    ]);
    reloaded.line.isUp = true;
    expect(await reloaded.send()).toEqual({
      keptBoth: [],
      notDeleted: [],
      lost: [],
      isWhole: true,
    });
    expect(await shown(fresh(it))).toEqual(expected);
    expect(await reloaded.pending()).toBe(0);
    expect(await away.stores.blocks.list('pending/')).toEqual([]);
    for (const table of ['pending-entries', 'pending-pointers', 'pending-bases']) {
      expect(await away.stores.records.list(table, '')).toEqual([]);
    }
    await write(reloaded.drive, 'later.txt', 'later');
    expect(await shown(fresh(it))).toEqual({ ...expected, 'later.txt': 'later' });
  });

  test('a change stays pending as a whole wherever its sending is interrupted', async () => {
    const breaks = [false, true].flatMap((losesAnswer) => [
      { losesAnswer, isBrief: false },
      { losesAnswer, isBrief: true },
    ]);
    for (const kind of breaks) {
      for (let left = 0; ; left++) {
        const { test: it, away } = await two({ 'a.txt': 'one' });
        Object.assign(away.line, { left, ...kind });
        await write(away.drive, 'new.txt', 'new');
        const isDone = kind.isBrief ? away.line.left !== Infinity : away.line.isUp;
        expect(await shown(away.drive)).toEqual({ 'a.txt': 'one', 'new.txt': 'new' });
        Object.assign(away.line, { isUp: true, left: Infinity });
        await away.send();
        expect(await shown(fresh(it))).toEqual({ 'a.txt': 'one', 'new.txt': 'new' });
        if (isDone) break;
      }
    }
  });

  test.each([3, 5, 7, 9, 10, 12])(
    'fragments sent with another change are not left to a collection, chunk %i',
    async (at) => {
      const { test: it } = await two({ 'a.txt': 'one' });
      // Fragments this large are sent as soon as they are sealed.
      const away = createDevice(it, { seed: 77, chunkBytes: 256 * 1024 });
      await treeOf(away.drive);
      const { account, home } = it;
      away.line.isUp = false;
      const content = patternOf(12 * 256 * 1024);
      let chunks = 0;
      const pace = async (): Promise<void> => {
        if (++chunks !== at) return;
        // Those of the chunks before wait by now.
        await new Promise((resolve) => setTimeout(resolve, 50));
        await folder(away.drive, 'other');
        away.line.isUp = true;
        await away.send();
        away.line.isUp = false;
      };
      const source = bytesSource(content);
      await away.drive.upload(await away.drive.home(), [{ path: ['large'], source }], { pace });
      account.clock.nowMs += 3 * 24 * 3_600_000;
      await account.node.collect(home.owner);
      away.line.isUp = true;
      await away.send();
      const { drive } = createDevice(it, { seed: 78, chunkBytes: 256 * 1024 });
      const root = await drive.home();
      const file = await drive.open(root, (await drive.find(root, 'large'))!);
      expect(Buffer.from(await bytesOf(drive, file)).equals(content)).toBe(true);
    },
  );

  test('a change above the limit is refused, and pending changes stay', async () => {
    const { test: it } = await two({ 'a.txt': 'one' });
    const away = createDevice(it, { seed: 5, maxBytes: 40_000 });
    await treeOf(away.drive);
    away.line.isUp = false;
    await write(away.drive, 'small.txt', 'small');
    const source = bytesSource(patternOf(60_000));
    const upload = away.drive.upload(await away.drive.home(), [{ path: ['large'], source }]);
    await expect(upload).rejects.toBeInstanceOf(PendingFull);
    expect(await shown(away.drive)).toEqual({ 'a.txt': 'one', 'small.txt': 'small' });
    away.line.isUp = true;
    await away.send();
    expect(await shown(fresh(it))).toEqual({ 'a.txt': 'one', 'small.txt': 'small' });
    expect(await away.stores.blocks.list('pending/')).toEqual([]);
  });

  test('a refused file that was deleted again does not block the other changes', async () => {
    let quotaBytes = Number.MAX_SAFE_INTEGER;
    const options = { seed: 3, chunkBytes: 64 * 1024, quotaBytes: () => quotaBytes };
    const it = await createTestDrive(options);
    const away = createDevice(it, { seed: 4 });
    await write(away.drive, 'a.txt', 'one');
    away.line.isUp = false;
    await write(away.drive, 'b.txt', 'two'.repeat(250_000));
    await write(away.drive, 'c.txt', 'three');
    away.line.isUp = true;
    quotaBytes = 1;
    await expect(away.send()).rejects.toBeInstanceOf(ChangesRefused);
    await remove(away.drive, 'b.txt');
    expect(await away.send()).toMatchObject({ isWhole: true, keptBoth: [], lost: [] });
    expect(Object.keys(await shown(fresh(it)))).toEqual(expect.arrayContaining(['a.txt', 'c.txt']));
    expect(Object.keys(await shown(fresh(it)))).not.toContain('b.txt');
    expect(await away.pending()).toBe(0);
  });

  test('pending changes can be discarded', async () => {
    const { test: it, away } = await two({ 'a.txt': 'one' });
    away.line.isUp = false;
    await write(away.drive, 'a.txt', 'two');
    await write(away.drive, 'b.txt', 'three');
    await away.node.discard(it.home.owner);
    expect(await away.pending()).toBe(0);
    expect(await away.stores.blocks.list('pending/')).toEqual([]);
    expect(await namesOf(away.drive, await away.drive.home())).toEqual(['a.txt']);
    away.line.isUp = true;
    await write(away.drive, 'c.txt', 'four');
    for (const drive of [away.drive, fresh(it)]) {
      expect(await shown(drive)).toEqual({ 'a.txt': 'one', 'c.txt': 'four' });
    }
  });

  test('changes that the node refuses stay pending', async () => {
    let quotaBytes = Number.MAX_SAFE_INTEGER;
    const it = await createTestDrive({
      seed: 3,
      chunkBytes: 64 * 1024,
      quotaBytes: () => quotaBytes,
    });
    const away = createDevice(it, { seed: 4 });
    await write(away.drive, 'a.txt', 'one');
    away.line.isUp = false;
    await write(away.drive, 'b.txt', 'two'.repeat(250_000));
    await write(away.drive, 'c.txt', 'three');
    away.line.isUp = true;
    quotaBytes = 1;
    const refused = await away.send().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ChangesRefused);
    expect(refused).toMatchObject({ names: ['b.txt'], cause: expect.any(QuotaExceeded) as Error });
    expect(Object.keys(await shown(fresh(it)))).toEqual(expect.arrayContaining(['a.txt', 'c.txt']));
    const files = ['a.txt', 'b.txt', 'c.txt'];
    expect(Object.keys(await shown(away.drive))).toEqual(expect.arrayContaining(files));
    quotaBytes = Number.MAX_SAFE_INTEGER;
    await away.send();
    expect(Object.keys(await shown(fresh(it)))).toEqual(expect.arrayContaining(files));
  });
});

describe('what was tampered with on the device', () => {
  const spoil: [string, (away: Device) => Promise<void>][] = [
    [
      'a block with other bytes',
      async ({ stores }) => {
        const [listed] = await stores.blocks.list('pending/');
        await stores.blocks.deleteMany([listed!.key]);
        await stores.blocks.putMany([{ key: listed!.key, bytes: utf8('other') }]);
      },
    ],
    [
      'a block that is gone',
      async ({ stores }) => {
        const [listed] = await stores.blocks.list('pending/');
        await stores.blocks.deleteMany([listed!.key]);
      },
    ],
    [
      'records of another form',
      async ({ stores }) => {
        const [first] = await stores.records.list('pending-entries', '');
        const write = { table: 'pending-entries', key: first!.key, value: utf8('??') };
        await stores.records.apply({ writes: [write] });
      },
    ],
    [
      'an update with another signature',
      async ({ stores }) => {
        const listed = await stores.records.list('pending-entries', '');
        const last = listed.at(-1)!;
        const value = last.value.slice();
        value[value.length - 60]! ^= 1;
        await stores.records.apply({
          writes: [{ table: 'pending-entries', key: last.key, value }],
        });
      },
    ],
  ];
  test.each(spoil)('%s is not sent', async (_, tamper) => {
    const { test: it, away } = await two({ 'a.txt': 'one' });
    away.line.isUp = false;
    await write(away.drive, 'b.txt', 'two');
    await tamper(away);
    const reloaded = createDevice(it, { seed: 99, stores: away.stores });
    await expect(reloaded.send()).rejects.toBeInstanceOf(PendingDamaged);
    expect(await shown(fresh(it))).toEqual({ 'a.txt': 'one' });
  });
});

type Work = (drive: Drive) => Promise<void>;

describe('changed in two places', () => {
  const cases: [string, { tree?: Tree; here: Work; there: Work; result: Tree; kept?: string[] }][] =
    [
      [
        'different files',
        {
          here: (drive) => write(drive, 'here.txt', 'here'),
          there: (drive) => write(drive, 'there.txt', 'there'),
          result: {
            'a.txt': 'one',
            docs: null,
            'docs/b.txt': 'two',
            'here.txt': 'here',
            'there.txt': 'there',
          },
        },
      ],
      [
        'the same file',
        {
          here: (drive) => write(drive, 'a.txt', 'here'),
          there: (drive) => write(drive, 'a.txt', 'there'),
          result: { 'a.txt': 'there', 'a (copy).txt': 'here', docs: null, 'docs/b.txt': 'two' },
          kept: ['a (copy).txt'],
        },
      ],
      [
        'the same change',
        {
          here: (drive) => write(drive, 'a.txt', 'same'),
          there: (drive) => write(drive, 'a.txt', 'same'),
          result: { 'a.txt': 'same', docs: null, 'docs/b.txt': 'two' },
        },
      ],
      [
        'a file here, its neighbour there',
        {
          here: (drive) => write(drive, 'docs/b.txt', 'here'),
          there: (drive) => write(drive, 'docs/c.txt', 'there'),
          result: { 'a.txt': 'one', docs: null, 'docs/b.txt': 'here', 'docs/c.txt': 'there' },
        },
      ],
      [
        'the same new name',
        {
          here: (drive) => write(drive, 'n.txt', 'here'),
          there: (drive) => write(drive, 'n.txt', 'there'),
          result: {
            'a.txt': 'one',
            docs: null,
            'docs/b.txt': 'two',
            'n.txt': 'there',
            'n (copy).txt': 'here',
          },
          kept: ['n (copy).txt'],
        },
      ],
      [
        'the same new folder',
        {
          here: (drive) => write(drive, 'n/h.txt', 'here'),
          there: (drive) => write(drive, 'n/t.txt', 'there'),
          result: {
            'a.txt': 'one',
            docs: null,
            'docs/b.txt': 'two',
            n: null,
            'n/h.txt': 'here',
            'n/t.txt': 'there',
          },
        },
      ],
      [
        'renamed here, changed there',
        {
          here: (drive) => rename(drive, 'a.txt', 'z.txt'),
          there: (drive) => write(drive, 'a.txt', 'there'),
          result: { 'z.txt': 'there', docs: null, 'docs/b.txt': 'two' },
        },
      ],
      [
        'changed here, renamed there',
        {
          here: (drive) => write(drive, 'a.txt', 'here'),
          there: (drive) => rename(drive, 'a.txt', 'z.txt'),
          result: { 'z.txt': 'here', docs: null, 'docs/b.txt': 'two' },
        },
      ],
      [
        'changed here, moved there',
        {
          here: (drive) => write(drive, 'a.txt', 'here'),
          there: (drive) => move(drive, 'a.txt', 'docs'),
          result: { docs: null, 'docs/a.txt': 'here', 'docs/b.txt': 'two' },
        },
      ],
      [
        'moved here, changed there',
        {
          here: (drive) => move(drive, 'a.txt', 'docs'),
          there: (drive) => write(drive, 'a.txt', 'there'),
          result: { docs: null, 'docs/a.txt': 'there', 'docs/b.txt': 'two' },
        },
      ],
      [
        'deleted here, changed there',
        {
          here: (drive) => remove(drive, 'a.txt'),
          there: (drive) => write(drive, 'a.txt', 'there'),
          result: { 'a.txt': 'there', docs: null, 'docs/b.txt': 'two' },
        },
      ],
      [
        'changed here, deleted there',
        {
          here: (drive) => write(drive, 'a.txt', 'here'),
          there: (drive) => remove(drive, 'a.txt'),
          result: { 'a.txt': 'here', docs: null, 'docs/b.txt': 'two' },
        },
      ],
      [
        'a folder deleted here, added to there',
        {
          here: (drive) => remove(drive, 'docs'),
          there: (drive) => write(drive, 'docs/c.txt', 'there'),
          result: { 'a.txt': 'one', docs: null, 'docs/c.txt': 'there' },
        },
      ],
      [
        'a folder added to here, deleted there',
        {
          here: (drive) => write(drive, 'docs/c.txt', 'here'),
          there: (drive) => remove(drive, 'docs'),
          result: { 'a.txt': 'one', docs: null, 'docs/c.txt': 'here' },
        },
      ],
      [
        'deleted here, something else there',
        {
          here: (drive) => remove(drive, 'docs'),
          there: (drive) => write(drive, 'a.txt', 'there'),
          result: { 'a.txt': 'there' },
        },
      ],
      [
        'renamed twice',
        {
          here: (drive) => rename(drive, 'docs', 'here'),
          there: (drive) => rename(drive, 'docs', 'there'),
          result: { 'a.txt': 'one', there: null, 'there/b.txt': 'two' },
        },
      ],
      [
        'each folder moved into the other',
        {
          tree: { 'x/1': '1', 'y/2': '2' },
          here: (drive) => move(drive, 'x', 'y'),
          there: (drive) => move(drive, 'y', 'x'),
          result: { x: null, 'x/1': '1', 'x/y': null, 'x/y/2': '2' },
        },
      ],
      [
        'renamed here, deleted there',
        {
          here: (drive) => rename(drive, 'a.txt', 'z.txt'),
          there: (drive) => remove(drive, 'a.txt'),
          result: { 'z.txt': 'one', docs: null, 'docs/b.txt': 'two' },
        },
      ],
      [
        'deleted here, renamed there',
        {
          here: (drive) => remove(drive, 'a.txt'),
          there: (drive) => rename(drive, 'a.txt', 'z.txt'),
          result: { 'z.txt': 'one', docs: null, 'docs/b.txt': 'two' },
        },
      ],
      [
        'a folder renamed here, deleted there',
        {
          here: (drive) => rename(drive, 'docs', 'papers'),
          there: (drive) => remove(drive, 'docs'),
          result: { 'a.txt': 'one', papers: null, 'papers/b.txt': 'two' },
        },
      ],
      [
        'a folder deleted here, renamed there',
        {
          here: (drive) => remove(drive, 'docs'),
          there: (drive) => rename(drive, 'docs', 'papers'),
          result: { 'a.txt': 'one', papers: null, 'papers/b.txt': 'two' },
        },
      ],
      [
        'hidden here, deleted there',
        {
          here: (drive) => hide(drive, 'a.txt'),
          there: (drive) => remove(drive, 'a.txt'),
          result: { 'a.txt': 'one', docs: null, 'docs/b.txt': 'two' },
        },
      ],
      [
        'deleted here, hidden there',
        {
          here: (drive) => remove(drive, 'a.txt'),
          there: (drive) => hide(drive, 'a.txt'),
          result: { 'a.txt': 'one', docs: null, 'docs/b.txt': 'two' },
        },
      ],
      [
        'renamed and moved here, changed there',
        {
          here: async (drive) => {
            await rename(drive, 'a.txt', 'z.txt');
            await move(drive, 'z.txt', 'docs');
          },
          there: (drive) => write(drive, 'a.txt', 'there'),
          result: { docs: null, 'docs/b.txt': 'two', 'docs/z.txt': 'there' },
        },
      ],
      [
        'thrown away here, changed there',
        {
          here: (drive) => trash(drive, 'a.txt', '1'),
          there: (drive) => write(drive, 'a.txt', 'there'),
          result: {
            '.trash': null,
            '.trash/1': null,
            'a.txt': 'there',
            docs: null,
            'docs/b.txt': 'two',
          },
        },
      ],
      [
        'changed here, thrown away there',
        {
          here: (drive) => write(drive, 'a.txt', 'here'),
          there: (drive) => trash(drive, 'a.txt', '1'),
          result: {
            '.trash': null,
            '.trash/1': null,
            'a.txt': 'here',
            docs: null,
            'docs/b.txt': 'two',
          },
        },
      ],
      [
        'renamed here, thrown away there',
        {
          here: (drive) => rename(drive, 'a.txt', 'z.txt'),
          there: (drive) => trash(drive, 'a.txt', '1'),
          result: {
            '.trash': null,
            '.trash/1': null,
            'z.txt': 'one',
            docs: null,
            'docs/b.txt': 'two',
          },
        },
      ],
      [
        'thrown away on both sides',
        {
          here: (drive) => trash(drive, 'a.txt', '1'),
          there: (drive) => trash(drive, 'a.txt', '2'),
          result: {
            '.trash': null,
            '.trash/1': null,
            '.trash/2': null,
            '.trash/2/a.txt': 'one',
            docs: null,
            'docs/b.txt': 'two',
          },
        },
      ],
      [
        'a folder thrown away here, added to there',
        {
          here: (drive) => trash(drive, 'docs', '1'),
          there: (drive) => write(drive, 'docs/c.txt', 'there'),
          result: {
            '.trash': null,
            '.trash/1': null,
            'a.txt': 'one',
            docs: null,
            'docs/b.txt': 'two',
            'docs/c.txt': 'there',
          },
        },
      ],
      [
        'a folder added to here, thrown away there',
        {
          tree: { 'docs/b.txt': 'two', 'docs/c.txt': 'three' },
          here: async (drive) => {
            await write(drive, 'docs/n.txt', 'here');
            await write(drive, 'docs/c.txt', 'changed');
          },
          there: (drive) => trash(drive, 'docs', '1'),
          result: {
            '.trash': null,
            '.trash/1': null,
            '.trash/1/docs': null,
            '.trash/1/docs/b.txt': 'two',
            docs: null,
            'docs/c.txt': 'changed',
            'docs/n.txt': 'here',
          },
        },
      ],
      [
        'a folder renamed here, thrown away there',
        {
          here: (drive) => rename(drive, 'docs', 'papers'),
          there: (drive) => trash(drive, 'docs', '1'),
          result: {
            '.trash': null,
            '.trash/1': null,
            'a.txt': 'one',
            papers: null,
            'papers/b.txt': 'two',
          },
        },
      ],
      [
        'restored here, the trash emptied there',
        {
          tree: { '.trash/1/a.txt': 'one', '.trash/1/b.txt': 'two' },
          here: (drive) => move(drive, '.trash/1/a.txt', ''),
          there: (drive) => remove(drive, '.trash/1'),
          result: { '.trash': null, 'a.txt': 'one' },
        },
      ],
      [
        'the trash emptied here, restored there',
        {
          tree: { '.trash/1/a.txt': 'one', '.trash/1/b.txt': 'two' },
          here: (drive) => remove(drive, '.trash/1'),
          there: (drive) => move(drive, '.trash/1/a.txt', ''),
          result: { '.trash': null, 'a.txt': 'one' },
        },
      ],
      [
        'a folder moved here, added to there',
        {
          tree: { 'x/1': '1', y: null },
          here: (drive) => move(drive, 'x', 'y'),
          there: (drive) => write(drive, 'x/2', '2'),
          result: { y: null, 'y/x': null, 'y/x/1': '1', 'y/x/2': '2' },
        },
      ],
    ];

  test.each(cases)('%s', async (_, { tree, here, there, result, kept = [] }) => {
    const { test: it, away, other } = await apart(tree, here, there);
    away.line.isUp = true;
    expect(await away.send()).toMatchObject({ keptBoth: kept, lost: [], isWhole: true });
    for (const drive of [fresh(it), away.drive, other.drive]) {
      expect(await shown(drive)).toEqual(result);
    }
    expect(await away.pending()).toBe(0);
    expect(await away.stores.blocks.list('pending/')).toEqual([]);
  });

  test.each(cases)(
    '%s, cut off on the way',
    async (_, { tree, here, there, result, kept = [] }) => {
      for (const losesAnswer of [false, true]) {
        for (let left = 0, isDone = false; !isDone; left += 4) {
          const { test: it, away } = await apart(tree, here, there);
          Object.assign(away.line, { isUp: true, left, losesAnswer });
          isDone = await away.send().then(
            () => true,
            () => false,
          );
          const reloaded = createDevice(it, { seed: 99, stores: away.stores });
          const { keptBoth } = await reloaded.send();
          expect(await shown(fresh(it))).toEqual(result);
          if (!isDone) expect(keptBoth).toEqual(kept);
        }
      }
    },
  );

  test.each(cases)('%s, told in full after a line that broke', async (_, { tree, here, there }) => {
    let expected: unknown;
    for (let left = Infinity, isDone = false; !isDone; left = left === Infinity ? 0 : left + 4) {
      const { away } = await apart(tree, here, there);
      Object.assign(away.line, { isUp: true, left });
      if (left === Infinity) {
        expected = await away.send();
        continue;
      }
      isDone = await away.send().then(
        () => true,
        () => false,
      );
      Object.assign(away.line, { isUp: true, left: Infinity });
      expect(await away.send(), `cut off after ${left} calls`).toEqual(expected);
    }
  });
});
