/** `mkdir`, `mv`, `rm`: changes inside the drive. */
import { equalBytes } from '#lib/bytes/index.ts';
import {
  findRow,
  NotADirectory,
  PathNotFound,
  placeKey,
  type Drive,
  type Handle,
} from '#lib/drive/index.ts';
import type { ListedEntry } from '#lib/drive/index.ts';
import type { Access } from '../access.ts';
import { type Call, type Command } from '../command.ts';
import { Misused } from '../errors.ts';
import { isSet } from '../values.ts';

/** An entry together with the folder it lies in. */
interface Found {
  readonly folder: Handle;
  readonly entry: ListedEntry;
  readonly path: readonly string[];
}

export const mkdir: Command = {
  name: 'mkdir',
  summary: 'Makes folders.',
  usage: '[-p] PATH…',
  options: { parents: { type: 'boolean', short: 'p' } },
  operands: [1, Infinity],
  async run(call) {
    for (const path of await call.access.paths(call.operands, call.signal)) {
      await makeFolder(call.access, path, isSet(call, 'parents'), call.signal);
    }
  },
};

/** Makes the last folder of a path; with `isDeep` those before it too, and none that is there. */
export async function makeFolder(
  access: Access,
  path: readonly string[],
  isDeep: boolean,
  signal: AbortSignal,
): Promise<Handle> {
  const { drive } = await access.signedIn(signal);
  const names = path.slice(1);
  let at = await access.open(path.slice(0, 1), signal);
  for (const [i, name] of names.entries()) {
    const isLast = i === names.length - 1;
    const entry = await drive.find(at, name, signal);
    if (entry === undefined && (isLast || isDeep)) {
      at = await drive.makeDirectory(at, name, { signal });
      continue;
    }
    if (entry === undefined) throw await access.notFound(path.slice(0, i + 2));
    // Where it must not be there yet, this says that it is.
    if (isLast && !isDeep) at = await drive.makeDirectory(at, name, { signal });
    else at = await drive.open(at, entry, signal);
    if (!at.isDirectory) throw new NotADirectory(name);
  }
  return at;
}

export const remove: Command = {
  name: 'rm',
  summary: 'Deletes files, and folders with -r. There is no way back.',
  usage: '[-r] [-f] PATH…',
  options: {
    recursive: { type: 'boolean', short: 'r' },
    force: { type: 'boolean', short: 'f' },
  },
  operands: [1, Infinity],
  async run(call) {
    const { drive } = await call.access.signedIn(call.signal);
    for (const text of call.operands) {
      const [path = []] = await call.access.paths([text], call.signal);
      const found = await findEntry(call.access, path, call.signal).catch((error: unknown) => {
        if (error instanceof PathNotFound && isSet(call, 'force')) return undefined;
        throw error;
      });
      if (found === undefined) continue;
      if (found.entry.isDirectory && !isSet(call, 'recursive')) {
        throw new Misused(`${text} is a folder: use -r to delete it with all it holds.`);
      }
      await drive.remove(found.folder, [found.entry], { signal: call.signal });
    }
  },
};

export const move: Command = {
  name: 'mv',
  summary: 'Moves or renames.',
  usage: '[-f] FROM… TO',
  options: { force: { type: 'boolean', short: 'f' } },
  operands: [2, Infinity],
  async run(call) {
    const { drive } = await call.access.signedIn(call.signal);
    const fromAndTo = await fromTo(call);
    refuseItself(fromAndTo);
    const { sources, target, newName } = fromAndTo;
    refuseOtherOwner(fromAndTo);
    const onConflict = isSet(call, 'force') ? ({ onConflict: 'replace' } as const) : {};
    const options = { signal: call.signal, ...onConflict };
    if (newName === undefined) {
      for (const { folder, entries } of byFolder(sources)) {
        await drive.move(folder, entries, target, options);
      }
      return;
    }
    for (const { folder, entry, path } of sources) {
      if (isSet(call, 'force')) {
        await removeOther(drive, target, newName, { entry, signal: call.signal });
      }
      if (isSame(folder, target)) {
        await drive.rename(folder, entry, newName, { signal: call.signal });
      } else await moveAndRename(call.access, { folder, entry, path }, target, newName, options);
    }
  },
};

/** Two steps, in the order in which neither name is taken on the way. */
async function moveAndRename(
  access: Access,
  { folder, entry, path }: Found,
  target: Handle,
  newName: string,
  options: { readonly signal: AbortSignal; readonly onConflict?: 'replace' },
): Promise<void> {
  const { signal } = options;
  const { drive } = await access.signedIn(signal);
  const isTaken = newName !== entry.name && (await drive.find(folder, newName, signal));
  if (isTaken) {
    await drive.move(folder, [entry], target, { signal });
    const moved = await drive.find(target, entry.name, signal);
    if (moved === undefined) throw new PathNotFound([entry.name]);
    await drive.rename(target, moved, newName, { signal });
    return;
  }
  if (newName !== entry.name) await drive.rename(folder, entry, newName, { signal });
  const renamed = await findEntry(access, [...path.slice(0, -1), newName], signal);
  await drive.move(renamed.folder, [renamed.entry], target, options);
}

export interface FromTo {
  readonly sources: readonly Found[];
  /** The folder to put them in. */
  readonly target: Handle;
  /** Set when the one source is to have another name there. */
  readonly newName: string | undefined;
}

/** Reads `FROM… TO`: into TO if that is a folder, else to be called so. */
export async function fromTo({ access, operands, signal }: Call): Promise<FromTo> {
  const paths = await access.paths(operands, signal);
  const last = paths.at(-1) ?? [];
  const sources: Found[] = [];
  for (const path of paths.slice(0, -1)) sources.push(await findEntry(access, path, signal));
  const there = await openIfThere(access, last, signal);
  if (there?.isDirectory === true) return { sources, target: there, newName: undefined };
  if (sources.length > 1 || operands.at(-1)?.endsWith('/') === true) {
    throw there === undefined ? await access.notFound(last) : new NotADirectory(there.name);
  }
  const target = await access.open(last.slice(0, -1), signal);
  if (!target.isDirectory) throw new NotADirectory(target.name);
  return { sources, target, newName: last.at(-1) };
}

/** Entries of one folder, which go together: two spellings of one name stay two. */
interface Together {
  readonly folder: Handle;
  /** Where the folder is. */
  readonly path: readonly string[];
  readonly entries: ListedEntry[];
}

export function byFolder(sources: readonly Found[]): Together[] {
  const groups = new Map<string, Together>();
  for (const { folder, entry, path } of sources) {
    const key = placeKey(folder.capability);
    const group = groups.get(key) ?? { folder, path: path.slice(0, -1), entries: [] };
    group.entries.push(entry);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** What would be replaced by itself would be gone first. Throws `Misused`. */
export function refuseItself({ sources, target, newName }: FromTo): void {
  for (const { folder, entry } of sources) {
    if (isSame(folder, target) && entry.name === (newName ?? entry.name)) {
      throw new Misused('The two paths name one and the same entry. Nothing was changed.');
    }
  }
}

/** From one person's tree into another's there is only a copy. Throws `Misused`. */
function refuseOtherOwner({ sources, target }: FromTo): void {
  const { owner } = target.capability;
  if (sources.every(({ folder }) => folder.capability.owner.equals(owner))) return;
  throw new Misused('The two paths lie in trees of two people: use cp, then rm.');
}

function isSame(a: Handle, b: Handle): boolean {
  return equalBytes(a.capability.mapKey, b.capability.mapKey);
}

/** Throws `PathNotFound`; the home itself is no entry. */
export async function findEntry(
  access: Access,
  path: readonly string[],
  signal: AbortSignal,
): Promise<Found> {
  const [, ...names] = path;
  const name = names.at(-1);
  if (name === undefined) throw new Misused('This cannot be done with the home folder itself.');
  const { drive } = await access.signedIn(signal);
  const folder = await access.open(path.slice(0, -1), signal);
  // Also what cannot be opened may be removed.
  const entry = await findRow(drive.list(folder, { signal }), name);
  if (entry === undefined) throw await access.notFound(path);
  return { folder, entry, path };
}

export async function openIfThere(
  access: Access,
  path: readonly string[],
  signal: AbortSignal,
): Promise<Handle | undefined> {
  try {
    return await access.open(path, signal);
  } catch (error) {
    if (error instanceof PathNotFound) return undefined;
    throw error;
  }
}

/** Takes a file out of the way of `entry`, unless it is `entry` itself in another spelling. */
async function removeOther(
  drive: Drive,
  folder: Handle,
  name: string,
  { entry, signal }: { readonly entry: ListedEntry; readonly signal: AbortSignal },
): Promise<void> {
  const there = await drive.find(folder, name, signal);
  if (there === undefined || there.isDirectory || isSameEntry(there, entry)) return;
  await drive.remove(folder, [there], { signal });
}

export function isSameEntry(a: ListedEntry, b: ListedEntry): boolean {
  if (a.capability === undefined || b.capability === undefined) return a.child === b.child;
  return placeKey(a.capability) === placeKey(b.capability);
}
