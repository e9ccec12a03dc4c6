/**
 * Two devices change one tree at random, one of them without a network. What the tree must be in
 * the end, names, places, contents and properties, is said by a model of a few rules that knows
 * nothing of nodes, keys or how anything is brought together. All names are unique here; what happens to
 * names that meet is tested elsewhere.
 */
import { expect, test } from 'vitest';
import { createSeededRandom, type SeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import type { Drive } from '../index.ts';
import { createTestDrive } from '../testing.ts';
import {
  chooseOperation,
  inside,
  nameOf,
  parentOf,
  perform,
  type OperationKind,
  type PathKinds,
  type RandomOperation,
} from './testing/operations.ts';
import { createDevice, factsOf } from './testing.ts';

const SEEDS = 16;
const ROUNDS = 3;
const OPERATIONS = 9;
const ROOT = 'home';
const KINDS: readonly OperationKind[] = [
  ...(['write', 'write', 'write', 'make-folder', 'relocate', 'relocate', 'relocate'] as const),
  ...(['remove', 'toggle-hidden', 'set-modified'] as const),
];

interface Thing {
  readonly name: string;
  readonly parent: string;
  /** Absent: a folder. */
  readonly content?: string;
  readonly isHidden: boolean;
  /** Set by hand, in seconds; undefined: whatever time it was written. */
  readonly modified?: number;
}

/** By identity, which the drive knows nothing of. */
type World = ReadonlyMap<string, Thing>;

const isFolder = (thing: Thing | undefined): boolean => thing?.content === undefined;

function pathIn(world: World, id: string): string[] {
  const thing = world.get(id);
  return thing === undefined ? [] : [...pathIn(world, thing.parent), thing.name];
}

function isIn(world: World, id: string, above: string): boolean {
  if (id === above) return true;
  const thing = world.get(id);
  return thing !== undefined && isIn(world, thing.parent, above);
}

/** One device: its drive, and what its tree should be. */
class Side {
  world: World;
  readonly #drive: Drive;
  readonly #random: SeededRandom;
  readonly #fresh: () => string;
  readonly #movesFolders: boolean;

  constructor(
    drive: Drive,
    world: World,
    options: { random: SeededRandom; fresh: () => string; movesFolders: boolean },
  ) {
    this.#drive = drive;
    this.world = world;
    this.#random = options.random;
    this.#fresh = options.fresh;
    this.#movesFolders = options.movesFolders;
  }

  async act(): Promise<void> {
    const operation = chooseOperation(this.#kinds(), {
      random: this.#random,
      kinds: this.world.size < 3 ? ['write'] : KINDS,
      newName: this.#fresh,
      newText: () => `${this.#fresh()}!`,
      movesFolders: this.#movesFolders,
    });
    if (operation !== undefined) await this.#do(operation);
  }

  /** Gives copies names of their own, so that another copy finds the name it is to have. */
  async renameCopies(): Promise<void> {
    const copies = [...this.#paths()].filter(([path]) => path.endsWith('(copy)'));
    for (const [path] of copies) {
      await this.#do({ kind: 'relocate', path, to: inside(parentOf(path), this.#fresh()) });
    }
  }

  async #do(operation: RandomOperation): Promise<void> {
    await perform(this.#drive, operation);
    this.world = follow(this.world, operation, this.#paths());
  }

  #paths(): Map<string, string> {
    return new Map([...this.world.keys()].map((id) => [pathIn(this.world, id).join('/'), id]));
  }

  #kinds(): PathKinds {
    const kindOf = (id: string) => (isFolder(this.world.get(id)) ? 'folder' : 'file');
    return new Map([...this.#paths()].map(([path, id]) => [path, kindOf(id)]));
  }
}

/** The world after an operation, by what the operation is said to do. */
function follow(world: World, operation: RandomOperation, ids: ReadonlyMap<string, string>): World {
  const { kind, path } = operation;
  const idAt = (one: string): string => (one === '' ? ROOT : ids.get(one)!);
  const id = ids.get(path);
  const thing = id === undefined ? undefined : world.get(id);
  if (id === undefined || thing === undefined) {
    const text = kind === 'write' ? { content: operation.text } : {};
    const name = nameOf(path);
    return new Map([
      ...world,
      [name, { name, parent: idAt(parentOf(path)), isHidden: false, ...text }],
    ]);
  }
  if (kind === 'remove') return new Map([...world].filter(([one]) => !isIn(world, one, id)));
  if (kind === 'relocate') {
    const { to } = operation;
    const place = { name: nameOf(to), parent: idAt(parentOf(to)) };
    return new Map([...world, [id, { ...thing, ...place }]]);
  }
  if (kind === 'write') {
    const { modified: _, ...rest } = thing;
    return new Map([...world, [id, { ...rest, content: operation.text }]]);
  }
  const changed =
    kind === 'set-modified' ? { modified: operation.modified } : { isHidden: !thing.isHidden };
  return new Map([...world, [id, { ...thing, ...changed }]]);
}

/** The rules. */
function merge(base: World, here: World, there: World, fresh: () => string): World {
  const isRelocated = (side: World, id: string): boolean => {
    const [before, now] = [base.get(id), side.get(id)];
    return !!before && !!now && (before.name !== now.name || before.parent !== now.parent);
  };
  const isTouched = (side: World, id: string): boolean => {
    const [before, now] = [base.get(id), side.get(id)];
    if (!before || !now) return false;
    const isEdited =
      before.content !== now.content ||
      before.isHidden !== now.isHidden ||
      before.modified !== now.modified;
    return isRelocated(side, id) || (!isFolder(now) && isEdited);
  };
  /** Whether it is in a folder that one side deleted and the other renamed or moved. */
  const isInRescued = (kept: World, gone: World, id: string): boolean => {
    const parent = kept.get(id)?.parent;
    if (parent === undefined || !kept.has(parent) || gone.has(parent)) return false;
    return isRelocated(kept, parent) || isInRescued(kept, gone, parent);
  };
  const survives = (id: string): boolean => {
    if (!base.has(id) || (here.has(id) && there.has(id))) return true;
    if (!here.has(id) && !there.has(id)) return false;
    const [kept, gone] = here.has(id) ? [here, there] : [there, here];
    return isTouched(kept, id) || isInRescued(kept, gone, id);
  };
  /** What was changed here alone is as it is here, all else as it is there. */
  const facet = <K extends keyof Thing>(id: string, key: K): Thing[K] | undefined => {
    const [before, ours, theirs] = [base.get(id), here.get(id), there.get(id)];
    if (ours === undefined || theirs === undefined) return (ours ?? theirs)?.[key];
    return ours[key] !== before?.[key] && theirs[key] === before?.[key] ? ours[key] : theirs[key];
  };
  const result = new Map<string, Thing>();
  const place = (id: string): void => {
    if (result.has(id) || id === ROOT) return;
    const [before, ours, theirs] = [base.get(id), here.get(id), there.get(id)];
    const content = facet(id, 'content');
    const both = before && ours && theirs;
    const isConflict = both && ours.content !== before.content && theirs.content !== before.content;
    const isTheirs = both && (theirs.content !== before.content || isConflict);
    const isOurs = both && ours.content !== before.content && !isConflict;
    const modified = isTheirs ? theirs.modified : isOurs ? ours.modified : facet(id, 'modified');
    const thing: Thing = {
      name: facet(id, 'name')!,
      parent: facet(id, 'parent')!,
      isHidden: isConflict ? theirs.isHidden : facet(id, 'isHidden')!,
      ...(content === undefined ? {} : { content }),
      ...(modified === undefined ? {} : { modified }),
    };
    result.set(id, thing);
    // Whatever holds something that stays, stays.
    place(thing.parent);
    if (isConflict) {
      const { content: own, isHidden, modified: ownTime } = ours;
      const name = `${thing.name} (copy)`;
      const time = ownTime === undefined ? {} : { modified: ownTime };
      result.set(fresh(), { ...thing, name, content: own!, isHidden, ...time });
    }
  };
  for (const id of new Set([...here.keys(), ...there.keys()])) if (survives(id)) place(id);
  return result;
}

/** A world as paths. Times are compared only where both sides say one. */
function shownOf(world: World): Map<string, object> {
  return new Map(
    [...world].map(([id, { content, isHidden, modified }]) => [
      pathIn(world, id).join('/'),
      { content: content ?? null, isHidden, ...(modified === undefined ? {} : { modified }) },
    ]),
  );
}

async function play(seed: number): Promise<void> {
  const it = await createTestDrive({ seed: 700 + seed, chunkBytes: 64 * 1024 });
  const random = createSeededRandom(seed);
  const roll = random.below;
  let count = 0;
  const fresh = (): string => `n${count++}`;
  let away = createDevice(it, { seed: 40_000 + seed });
  const other = createDevice(it, { seed: 50_000 + seed });
  const first = new Side(away.drive, new Map(), { random, fresh, movesFolders: true });
  for (let i = 0; i < 12; i++) await first.act();
  let base = first.world;
  for (let round = 0; round < ROUNDS; round++) {
    const label = `seed ${seed}, round ${round}`;
    await factsOf(away.drive);
    await factsOf(other.drive);
    const movesFolders = roll(2) === 0;
    const here = new Side(away.drive, base, { random, fresh, movesFolders });
    const there = new Side(other.drive, base, { random, fresh, movesFolders: !movesFolders });
    away.line.isUp = false;
    for (let i = 0; i < OPERATIONS; i++) {
      await here.act();
      if (roll(3) > 0) await there.act();
    }
    if (roll(2) === 0) {
      // Cut off somewhere, and begun again after a reload.
      Object.assign(away.line, { isUp: true, left: roll(150), losesAnswer: roll(2) === 0 });
      await away.send().catch(() => undefined);
    }
    away = createDevice(it, { seed: 60_000 + 10 * seed + round, stores: away.stores });
    await away.send();
    expect(await away.pending(), label).toBe(0);
    const expected = merge(base, here.world, there.world, fresh);
    const seen = await factsOf(it.another());
    const shown = shownOf(expected);
    expect([...seen.keys()].sort(), label).toEqual([...shown.keys()].sort());
    for (const [path, facts] of shown) {
      expect(seen.get(path), `${label}: ${path}`).toMatchObject(facts);
    }
    const after = new Side(other.drive, expected, { random, fresh, movesFolders });
    await after.renameCopies();
    base = after.world;
  }
}

test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
  'the tree is what the rules say, seed %i',
  play,
);
