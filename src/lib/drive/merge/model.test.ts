/**
 * Two devices change one tree at random, one of them without a network; then it comes back. What
 * must hold is said by a model that knows of no node: what each device added or changed is in the
 * tree in the end, what nobody touched is as it was, and what was deleted comes back only if the
 * other side changed it.
 */
import { expect, test } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { createSeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import { bytesSource, type Drive } from '../index.ts';
import { createTestDrive } from '../testing.ts';
import { createDevice, treeOf, type Device } from './testing.ts';

const ROUNDS = 12;
const OPERATIONS = 5;

type Tree = ReadonlyMap<string, string | null>;

/** What one device did, by content: every content a test writes is unlike all others. */
interface Did {
  readonly wrote: Set<string>;
  /** Contents it took away, by overwriting or deleting. */
  readonly ended: Set<string>;
}

const parentOf = (path: string): string[] => path.split('/').slice(0, -1);
const nameOf = (path: string): string => path.split('/').at(-1)!;
const contentsOf = (tree: Tree): string[] => [...tree.values()].filter((one) => one !== null);

async function write(drive: Drive, path: string, text: string): Promise<void> {
  const item = { path: path.split('/'), source: bytesSource(utf8(text)) };
  await drive.upload(await drive.home(), [item], { onConflict: 'replace' });
}

async function change(device: Device, roll: (sides: number) => number, tag: string, did: Did) {
  const { drive } = device;
  const tree = await treeOf(drive);
  const paths = [...tree.keys()];
  const folders = ['', ...paths.filter((path) => tree.get(path) === null)];
  const files = paths.filter((path) => tree.get(path) !== null);
  const pick = <T>(list: readonly T[]): T => list[roll(list.length)]!;
  const inside = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`);
  const kind = roll(6);
  if (kind <= 1 || paths.length === 0) {
    const path = inside(pick(folders), `f${roll(4)}`);
    if (tree.get(path) === null) return;
    const before = tree.get(path);
    if (typeof before === 'string') did.ended.add(before);
    did.wrote.add(tag);
    await write(drive, path, tag);
  } else if (kind === 2 && files.length > 0) {
    const path = pick(files);
    did.ended.add(tree.get(path)!);
    did.wrote.add(tag);
    await write(drive, path, tag);
  } else if (kind === 3) {
    const path = inside(pick(folders), `d${roll(3)}`);
    if (!tree.has(path)) {
      await drive.upload(await drive.home(), [{ path: path.split('/') }]);
    }
  } else {
    const path = pick(paths);
    const at = await drive.resolve(parentOf(path));
    const row = (await drive.find(at, nameOf(path)))!;
    if (kind === 4) {
      const below = paths.filter((one) => one === path || one.startsWith(`${path}/`));
      for (const one of below) if (typeof tree.get(one) === 'string') did.ended.add(tree.get(one)!);
      await drive.remove(at, [row]);
    } else {
      const to = pick(folders.filter((one) => one !== path && !one.startsWith(`${path}/`)));
      if (to === parentOf(path).join('/')) {
        const name = `r${roll(100)}`;
        if (!tree.has(inside(to, name))) await drive.rename(at, row, name);
      } else if (!tree.has(inside(to, nameOf(path)))) {
        await drive.move(at, [row], await drive.resolve(to === '' ? [] : to.split('/')));
      }
    }
  }
}

async function play(seed: number): Promise<void> {
  const it = await createTestDrive({ seed: 500 + seed, chunkBytes: 64 * 1024 });
  const roll = createSeededRandom(seed).below;
  let away = createDevice(it, { seed: 10_000 + seed });
  const other = createDevice(it, { seed: 20_000 + seed });
  await write(away.drive, 'd0/f0', 'begin 0');
  await write(away.drive, 'f1', 'begin 1');
  await write(away.drive, 'd1/d2/f2', 'begin 2');
  for (let round = 0; round < 3; round++) {
    const before = contentsOf(await treeOf(away.drive));
    expect(await treeOf(other.drive)).toEqual(await treeOf(away.drive));
    const here: Did = { wrote: new Set(), ended: new Set() };
    const there: Did = { wrote: new Set(), ended: new Set() };
    away.line.isUp = false;
    for (let i = 0; i < OPERATIONS; i++) {
      await change(away, roll, `here ${seed} ${round} ${i}`, here);
      if (roll(2) === 0) await change(other, roll, `there ${seed} ${round} ${i}`, there);
    }
    const ours = new Set(contentsOf(await treeOf(away.drive)));
    const theirs = new Set(contentsOf(await treeOf(other.drive)));
    // Cut off somewhere, and begun again after a reload.
    Object.assign(away.line, { isUp: true, left: roll(120), losesAnswer: roll(2) === 0 });
    await away.send().catch(() => undefined);
    away = createDevice(it, { seed: 30_000 + 10 * seed + round, stores: away.stores });
    await away.send();
    expect(await away.pending()).toBe(0);

    const result = await treeOf(it.another());
    const now = contentsOf(result);
    const label = `seed ${seed}, round ${round}`;
    for (const text of ours) if (here.wrote.has(text)) expect(now, label).toContain(text);
    for (const text of theirs) if (there.wrote.has(text)) expect(now, label).toContain(text);
    for (const text of before) {
      const isKept = ours.has(text) && theirs.has(text);
      if (isKept) {
        expect(
          now.filter((one) => one === text),
          label,
        ).toHaveLength(1);
      }
      const isGone = !ours.has(text) && !theirs.has(text);
      if (isGone) expect(now, label).not.toContain(text);
    }
    const known = new Set([...before, ...ours, ...theirs]);
    for (const text of now) expect(known.has(text), `${label}: ${text}`).toBe(true);
  }
}

test.each(Array.from({ length: ROUNDS }, (_, seed) => seed))(
  'nothing is lost on two devices, seed %i',
  play,
);
