/**
 * What a folder's own list says of its children, batch by batch (A-7 §3, A-8 §8). No child is
 * opened, except to fill in what entries from before such hints lack; no child can spoil the list.
 */
import { PyrgosError, sameName, toHex } from '#lib/bytes/index.ts';
import {
  relativeFromCbor,
  resolveRelative,
  type Capability,
  type ChildToWrite,
  type OpenNode,
  type RelativeCapability,
} from '#lib/cryptree/index.ts';
import { directoryChunks } from './directory.ts';
import { NameAmbiguous } from './errors.ts';
import { namedOnly, openAll, type View } from './nodes.ts';
import type { Handle, ListedEntry } from './types.ts';

const NAMELESS = '(no name)';

/** One batch per directory chunk. @throws FolderDamaged after what could be read */
export async function* listFolder(
  view: View,
  folder: Handle,
  signal?: AbortSignal,
): AsyncGenerator<ListedEntry[], void, void> {
  const names = new Set<string>();
  for await (const { children } of directoryChunks(view, folder.node, signal)) {
    const rows = children.map((child) => rowOf(folder.capability, child));
    const filled = await fillHints(view, rows, signal);
    yield filled.map((row) => withoutTwin(names, row));
  }
}

/** The row of this name, else the only one of another spelling. @throws NameAmbiguous */
export async function findRow(
  batches: AsyncIterable<readonly ListedEntry[]>,
  name: string,
  isWanted: (row: ListedEntry) => boolean = () => true,
): Promise<ListedEntry | undefined> {
  const alike: ListedEntry[] = [];
  for await (const rows of batches) {
    const wanted = rows.filter((row) => sameName(row.name, name) && isWanted(row));
    const exact = wanted.find((row) => row.name === name);
    if (exact !== undefined) return exact;
    alike.push(...wanted);
  }
  if (alike.length > 1) throw new NameAmbiguous(name);
  return alike[0];
}

/** Where a list entry points, whatever its name; undefined if that cannot be read. */
export function targetOf(folder: Capability, child: ChildToWrite): Capability | undefined {
  try {
    const relative: RelativeCapability =
      'raw' in child ? relativeFromCbor(child.raw) : child.capability;
    return resolveRelative(folder, relative);
  } catch (error) {
    namedOnly(error);
    return undefined;
  }
}

function rowOf(folder: Capability, child: ChildToWrite): ListedEntry {
  const capability = targetOf(folder, child);
  if ('raw' in child) {
    return {
      name: child.name ?? NAMELESS,
      capability,
      isDirectory: false,
      mimeType: '',
      createdSeconds: undefined,
      child,
      unreadable: child.reason.message,
    };
  }
  return {
    name: child.name,
    capability,
    isDirectory: child.isDirectory ?? false,
    mimeType: child.mimeType ?? '',
    createdSeconds: child.createdSeconds,
    child,
    ...(capability ? {} : { unreadable: 'Where this entry leads cannot be read.' }),
  };
}

/** Old entries do not say what they are: their children are asked, together. */
async function fillHints(
  view: View,
  rows: ListedEntry[],
  signal?: AbortSignal,
): Promise<ListedEntry[]> {
  const bare = rows.filter(
    ({ child, capability }) => capability && !('raw' in child) && child.isDirectory === undefined,
  );
  if (bare.length === 0) return rows;
  const nodes = await openAll(
    view,
    bare.map(({ capability }) => capability as Capability),
    signal,
  );
  const known = new Map(bare.map((row, i) => [row, nodes[i]] as const));
  return rows.map((row) => {
    const node = known.get(row);
    if (node === undefined) return row;
    return node instanceof PyrgosError ? { ...row, unreadable: node.message } : seen(row, node);
  });
}

function seen(row: ListedEntry, node: OpenNode): ListedEntry {
  const { isDirectory, mimeType, created } = node.properties;
  return { ...row, isDirectory, mimeType, createdSeconds: created.seconds };
}

/** Names are unique over all chunks; a second one could pass for the first, so it is not opened. */
function withoutTwin(names: Set<string>, row: ListedEntry): ListedEntry {
  if (row.unreadable !== undefined) return row;
  if (!names.has(row.name)) {
    names.add(row.name);
    return row;
  }
  return { ...row, unreadable: 'Another entry has the same name.' };
}

/** A place as text, to compare where capabilities lead. */
export function placeKey({ writer, mapKey }: Pick<Capability, 'writer' | 'mapKey'>): string {
  return `${writer.toString()}/${toHex(mapKey)}`;
}
