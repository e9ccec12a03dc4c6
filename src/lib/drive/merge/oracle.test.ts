/**
 * Two devices change one tree at random, one of them without a network. What the tree must be in
 * the end, names, places, contents and properties, is said by a model of a few rules that knows
 * nothing of nodes, keys or how anything is brought together. All names are unique here; what happens to
 * names that meet is tested elsewhere.
 */
import { expect, test } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { createSeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import { bytesSource, type Drive } from '../index.ts';
import { createTestDrive } from '../testing.ts';
import { createDevice, factsOf } from './testing.ts';

const SEEDS = 16;
const ROUNDS = 3;
const OPERATIONS = 9;
const ROOT = 'home';

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

function isBelow(world: World, id: string, above: string): boolean {
  if (id === above) return true;
  const thing = world.get(id);
  return thing !== undefined && isBelow(world, thing.parent, above);
}

/** One device: its drive, and what its tree should be. */
class Side {
  world: World;
  readonly #drive: Drive;
  readonly #roll: (sides: number) => number;
  readonly #fresh: () => string;
  readonly #movesFolders: boolean;

  constructor(
    drive: Drive,
    world: World,
    options: { roll: (sides: number) => number; fresh: () => string; movesFolders: boolean },
  ) {
    this.#drive = drive;
    this.world = world;
    this.#roll = options.roll;
    this.#fresh = options.fresh;
    this.#movesFolders = options.movesFolders;
  }

  async act(): Promise<void> {
    const kind = this.#roll(10);
    if (kind === 0 || this.world.size < 3) return this.#add(true);
    if (kind === 1) return this.#add(false);
    const id = this.#pick([...this.world.keys()]);
    const thing = this.world.get(id)!;
    if (kind <= 3) return this.#write(thing.content === undefined ? undefined : id);
    if (kind === 4) return this.#rename(id);
    if (kind <= 6) return this.#move(id);
    if (kind === 7) return this.#remove(id);
    if (kind === 8) return this.#set(id, { isHidden: !thing.isHidden });
    if (!isFolder(thing)) return this.#set(id, { modified: 1_000_000 + this.#roll(1_000_000) });
  }

  async #add(isFile: boolean): Promise<void> {
    const parent = this.#folder();
    const id = this.#fresh();
    const thing = { name: id, parent, isHidden: false, ...(isFile ? { content: `${id}!` } : {}) };
    await this.#upload([...pathIn(this.world, parent), id], thing.content);
    this.#put(id, thing);
  }

  async #write(id: string | undefined): Promise<void> {
    if (id === undefined) return this.#add(true);
    const content = `${this.#fresh()}!`;
    await this.#upload(pathIn(this.world, id), content);
    const { modified: _, ...thing } = this.world.get(id)!;
    this.#put(id, { ...thing, content });
  }

  /** Gives copies names of their own, so that another copy finds the name it is to have. */
  async renameCopies(): Promise<void> {
    const copies = [...this.world].filter(([, { name }]) => name.endsWith('(copy)'));
    for (const [id] of copies) await this.#rename(id);
  }

  async #rename(id: string): Promise<void> {
    const name = this.#fresh();
    const { at, row } = await this.#placed(id);
    await this.#drive.rename(at, row, name);
    this.#put(id, { ...this.world.get(id)!, name });
  }

  async #move(id: string): Promise<void> {
    if (isFolder(this.world.get(id)) && !this.#movesFolders) return;
    const to = this.#folder();
    if (isBelow(this.world, to, id) || to === this.world.get(id)!.parent) return;
    const { at, row } = await this.#placed(id);
    await this.#drive.move(at, [row], await this.#drive.resolve(pathIn(this.world, to)));
    this.#put(id, { ...this.world.get(id)!, parent: to });
  }

  async #remove(id: string): Promise<void> {
    const { at, row } = await this.#placed(id);
    await this.#drive.remove(at, [row]);
    const { world } = this;
    this.world = new Map([...world].filter(([one]) => !isBelow(world, one, id)));
  }

  async #set(id: string, wanted: { isHidden?: boolean; modified?: number }): Promise<void> {
    const { at, row } = await this.#placed(id);
    const { modified, ...rest } = wanted;
    const time = modified === undefined ? {} : { modified: { seconds: modified, nanos: 0 } };
    await this.#drive.setProperties(await this.#drive.open(at, row), { ...rest, ...time });
    this.#put(id, { ...this.world.get(id)!, ...wanted });
  }

  async #upload(path: string[], content: string | undefined): Promise<void> {
    const source = content === undefined ? {} : { source: bytesSource(utf8(content)) };
    await this.#drive.upload(await this.#drive.home(), [{ path, ...source }], {
      onConflict: 'replace',
    });
  }

  async #placed(id: string) {
    const path = pathIn(this.world, id);
    const at = await this.#drive.resolve(path.slice(0, -1));
    return { at, row: (await this.#drive.find(at, path.at(-1)!))! };
  }

  #folder(): string {
    const folders = [...this.world].filter(([, thing]) => isFolder(thing)).map(([id]) => id);
    return this.#pick([ROOT, ...folders]);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#roll(list.length)]!;
  }

  #put(id: string, thing: Thing): void {
    this.world = new Map([...this.world, [id, thing]]);
  }
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
  const roll = createSeededRandom(seed).below;
  let count = 0;
  const fresh = (): string => `n${count++}`;
  let away = createDevice(it, { seed: 40_000 + seed });
  const other = createDevice(it, { seed: 50_000 + seed });
  const first = new Side(away.drive, new Map(), { roll, fresh, movesFolders: true });
  for (let i = 0; i < 12; i++) await first.act();
  let base = first.world;
  for (let round = 0; round < ROUNDS; round++) {
    const label = `seed ${seed}, round ${round}`;
    await factsOf(away.drive);
    await factsOf(other.drive);
    const movesFolders = roll(2) === 0;
    const here = new Side(away.drive, base, { roll, fresh, movesFolders });
    const there = new Side(other.drive, base, { roll, fresh, movesFolders: !movesFolders });
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
    const after = new Side(other.drive, expected, { roll, fresh, movesFolders });
    await after.renameCopies();
    base = after.world;
  }
}

test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
  'the tree is what the rules say, seed %i',
  play,
);
