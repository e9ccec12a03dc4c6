/**
 * Operations on a tree, chosen at random, for the models of merge. An operation names paths alone,
 * so a model follows it without knowing how a drive does it.
 */
import { utf8 } from '#lib/bytes/index.ts';
import type { SeededRandom } from '#lib/bytes/testing/seeded-random.ts';
import { bytesSource, type Drive } from '../../index.ts';

/** What lies at each path below the home; names are joined by `/`. */
export type PathKinds = ReadonlyMap<string, 'file' | 'folder'>;

export type RandomOperation =
  | { readonly kind: 'write'; readonly path: string; readonly text: string }
  /** `toggle-hidden` hides what is shown, and shows what is hidden. */
  | { readonly kind: 'make-folder' | 'remove' | 'toggle-hidden'; readonly path: string }
  /** Within its folder, or into another one under its name. */
  | { readonly kind: 'relocate'; readonly path: string; readonly to: string }
  /** Seconds since 1970. */
  | { readonly kind: 'set-modified'; readonly path: string; readonly modified: number };

export type OperationKind = RandomOperation['kind'];

export interface OperationChoices {
  readonly random: SeededRandom;
  /** Kinds to choose from; one that is named twice is chosen twice as often. */
  readonly kinds: readonly OperationKind[];
  /** Names that may be taken already, or never are: both are of interest. */
  readonly newName: (what: 'file' | 'folder' | 'renamed') => string;
  /** Unlike all texts before. */
  readonly newText: () => string;
  readonly movesFolders: boolean;
}

/** Undefined: what was chosen cannot be done in this tree. A name that is taken is left alone. */
export function chooseOperation(
  tree: PathKinds,
  choices: OperationChoices,
): RandomOperation | undefined {
  const { random, newName, newText } = choices;
  const kind = random.pick(choices.kinds);
  const folders = ['', ...[...tree.keys()].filter((path) => tree.get(path) === 'folder')];
  if (kind === 'make-folder' || (kind === 'write' && random.chance(0.5))) {
    const path = inside(random.pick(folders), newName(kind === 'write' ? 'file' : 'folder'));
    if (kind === 'make-folder') return tree.has(path) ? undefined : { kind, path };
    return tree.get(path) === 'folder' ? undefined : { kind, path, text: newText() };
  }
  if (tree.size === 0) return undefined;
  const path = random.pick([...tree.keys()]);
  const isFolder = tree.get(path) === 'folder';
  if (kind === 'remove' || kind === 'toggle-hidden') return { kind, path };
  if (kind === 'write') return isFolder ? undefined : { kind, path, text: newText() };
  if (kind === 'set-modified') {
    return isFolder ? undefined : { kind, path, modified: 1_000_000 + random.below(1_000_000) };
  }
  const to = random.chance(0.5)
    ? inside(parentOf(path), newName('renamed'))
    : inside(random.pick(folders), nameOf(path));
  const isMove = parentOf(to) !== parentOf(path);
  if (tree.has(to) || isBelow(to, path) || (isMove && isFolder && !choices.movesFolders)) {
    return undefined;
  }
  return { kind, path, to };
}

/** Does it as a user would. */
export async function perform(drive: Drive, operation: RandomOperation): Promise<void> {
  const { kind, path } = operation;
  if (kind === 'write' || kind === 'make-folder') {
    const source = kind === 'write' ? { source: bytesSource(utf8(operation.text)) } : {};
    const item = { path: path.split('/'), ...source };
    await drive.upload(await drive.home(), [item], { onConflict: 'replace' });
    return;
  }
  const folder = await drive.resolve(namesOf(parentOf(path)));
  const row = await drive.find(folder, nameOf(path));
  if (row === undefined) throw new Error(`${path} is not listed`);
  if (kind === 'remove') return void (await drive.remove(folder, [row]));
  if (kind === 'toggle-hidden' || kind === 'set-modified') {
    const handle = await drive.open(folder, row);
    const isHidden = !handle.properties.isHidden;
    const change =
      kind === 'set-modified'
        ? { modified: { seconds: operation.modified, nanos: 0 } }
        : { isHidden };
    await drive.setProperties(handle, change);
    return;
  }
  if (kind !== 'relocate') return;
  const { to } = operation;
  if (parentOf(to) === parentOf(path)) await drive.rename(folder, row, nameOf(to));
  else await drive.move(folder, [row], await drive.resolve(namesOf(parentOf(to))));
}

export const parentOf = (path: string): string => path.split('/').slice(0, -1).join('/');
export const nameOf = (path: string): string => path.split('/').at(-1) ?? '';
export const inside = (folder: string, name: string): string =>
  folder === '' ? name : `${folder}/${name}`;
export const isBelow = (path: string, above: string): boolean =>
  path === above || path.startsWith(`${above}/`);
const namesOf = (path: string): string[] => (path === '' ? [] : path.split('/'));
