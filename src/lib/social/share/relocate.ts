/**
 * Items that their owner moved or renamed since they were shared: the mirror has them as they were.
 * Their parent links say where they are.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { Ancestors, namedOnly, openAll, placeKey } from '#lib/drive/index.ts';
import { readConsistently } from '#lib/writers/index.ts';
import type { SocialDeps } from '../person.ts';
import type { MirroredItem } from './incoming-records.ts';
import type { PlacedItem } from './mirror-reading.ts';
import { givenOf, mirror, takeOut } from './mirror.ts';

interface Moved extends PlacedItem {
  /** Owner, folders, name: as they are now. */
  readonly path: readonly string[];
}

/**
 * Puts items to where they lie now; false if all lie where the mirror has them, or if that cannot be
 * done now: then they are shown where they were.
 */
export async function relocate(
  deps: SocialDeps,
  items: readonly PlacedItem[],
  signal?: AbortSignal,
): Promise<boolean> {
  try {
    return await move(deps, items, signal);
  } catch (error) {
    namedOnly(error, signal);
    return false;
  }
}

async function move(
  deps: SocialDeps,
  items: readonly PlacedItem[],
  signal?: AbortSignal,
): Promise<boolean> {
  const moved = await movedOf(deps, items, signal);
  if (moved.length === 0) return false;
  await deps.drive.change(async (change, home) => {
    for (const { folderPath, item } of moved) {
      const place = placeKey(item.capability);
      const isOut = (one: MirroredItem): boolean => placeKey(one.capability) === place;
      await takeOut(change, home, folderPath, isOut);
    }
    const given = moved.flatMap(({ path, item }) =>
      givenOf(path.slice(0, -1), [{ ...item, name: path.at(-1) ?? '' }]),
    );
    await mirror(change, home, given, () => Promise.resolve(true));
  }, signal);
  return true;
}

async function movedOf(
  { driveDeps }: SocialDeps,
  items: readonly PlacedItem[],
  signal?: AbortSignal,
): Promise<Moved[]> {
  const [first] = items;
  if (first === undefined) return [];
  return readConsistently(driveDeps, first.item.capability.owner, async (view) => {
    const ancestors = new Ancestors(view);
    const nodes = await openAll(
      view,
      items.map(({ item }) => item.capability),
      signal,
    );
    const moved: Moved[] = [];
    for (const [i, node] of nodes.entries()) {
      if (node === undefined || node instanceof PyrgosError) continue;
      const placed = items[i]!;
      const nodesAbove = await ancestors.of(node, signal).catch(() => undefined);
      const path = nodesAbove?.map(({ properties }) => properties.name);
      // Whose tree it is in does not change by moving.
      if (path === undefined || path[0] !== placed.folderPath[0] || path.length < 2) continue;
      if (path.join('/') !== [...placed.folderPath, placed.item.name].join('/')) {
        moved.push({ ...placed, path });
      }
    }
    return moved;
  });
}
