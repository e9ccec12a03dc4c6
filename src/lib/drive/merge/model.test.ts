/**
 * Two devices change one tree at random, one of them without a network; then it comes back. What
 * must hold is said by a model that knows of no node: what each device added or changed is in the
 * tree in the end, what nobody touched is as it was, and what was deleted comes back only if the
 * other side changed it.
 */
import { expect, test } from 'vitest';
import { createSeededRandom, type SeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import { createTestDrive } from '../testing.ts';
import {
  chooseOperation,
  perform,
  type OperationChoices,
  type PathKinds,
} from './testing/operations.ts';
import { createDevice, treeOf, type Device } from './testing.ts';

const ROUNDS = 12;
const OPERATIONS = 5;

type Tree = ReadonlyMap<string, string | null>;

const contentsOf = (tree: Tree): string[] => [...tree.values()].filter((one) => one !== null);

/** Few names, so that they meet. */
const NAMES = { file: ['f', 4], folder: ['d', 3], renamed: ['r', 100] } as const;

function choicesOf(random: SeededRandom, tag: string): OperationChoices {
  return {
    random,
    kinds: ['write', 'write', 'write', 'make-folder', 'remove', 'relocate'],
    newName: (what) => {
      const [letter, count] = NAMES[what];
      return `${letter}${random.below(count)}`;
    },
    newText: () => tag,
    movesFolders: true,
  };
}

/** Every content a test writes is unlike all others; those of this device are put into `wrote`. */
async function change({ drive }: Device, random: SeededRandom, tag: string, wrote: Set<string>) {
  const tree = await treeOf(drive);
  const kinds = new Map([...tree].map(([path, text]) => [path, text === null ? 'folder' : 'file']));
  const operation = chooseOperation(kinds as PathKinds, choicesOf(random, tag));
  if (operation === undefined) return;
  if (operation.kind === 'write') wrote.add(operation.text);
  await perform(drive, operation);
}

async function play(seed: number): Promise<void> {
  const it = await createTestDrive({ seed: 500 + seed, chunkBytes: 64 * 1024 });
  const random = createSeededRandom(seed);
  const roll = random.below;
  let away = createDevice(it, { seed: 10_000 + seed });
  const other = createDevice(it, { seed: 20_000 + seed });
  for (const [at, path] of ['d0/f0', 'f1', 'd1/d2/f2'].entries()) {
    await perform(away.drive, { kind: 'write', path, text: `begin ${at}` });
  }
  for (let round = 0; round < 3; round++) {
    const before = contentsOf(await treeOf(away.drive));
    expect(await treeOf(other.drive)).toEqual(await treeOf(away.drive));
    const here = new Set<string>();
    const there = new Set<string>();
    away.line.isUp = false;
    for (let i = 0; i < OPERATIONS; i++) {
      await change(away, random, `here ${seed} ${round} ${i}`, here);
      if (roll(2) === 0) await change(other, random, `there ${seed} ${round} ${i}`, there);
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
    for (const text of ours) if (here.has(text)) expect(now, label).toContain(text);
    for (const text of theirs) if (there.has(text)) expect(now, label).toContain(text);
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
