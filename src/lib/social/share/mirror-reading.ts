/** Reading the mirror of what others share with us (`mirror.ts` writes it). */
import { concat } from '#lib/bytes/index.ts';
import { PathNotFound, type Drive, type Handle, type ListedEntry } from '#lib/drive/index.ts';
import { RECORD_MAX_BYTES } from '../records.ts';
import { ITEMS, itemsFromBytes, type MirroredItem } from './incoming-records.ts';
import { WORLD } from './mirror.ts';

/** How deep is looked for items below a folder. */
const DEPTH_MAX = 64;

/** What the mirror holds for one folder. */
export interface Mirror {
  readonly items: readonly MirroredItem[];
  /** Names of folders with something below them. */
  readonly folders: ReadonlySet<string>;
}

/** What the mirror holds for a folder, by its path: owner, then folders. */
export async function readMirror(
  drive: Drive,
  path: readonly string[],
  signal?: AbortSignal,
): Promise<Mirror> {
  const folders = new Set<string>();
  let items: MirroredItem[] = [];
  const folder = await drive.resolve([...WORLD, ...path], signal).catch(absent);
  if (folder === undefined) return { items, folders };
  for await (const rows of drive.list(folder, signal ? { signal } : {})) {
    for (const row of rows) {
      if (row.isDirectory) folders.add(row.name);
      else if (row.name === ITEMS) items = await readItems(drive, folder, row, signal);
    }
  }
  return { items, folders };
}

async function readItems(
  drive: Drive,
  folder: Handle,
  row: ListedEntry,
  signal?: AbortSignal,
): Promise<MirroredItem[]> {
  const file = await drive.open(folder, row, signal);
  const pieces: Uint8Array[] = [];
  for await (const piece of drive.read(file, 0, RECORD_MAX_BYTES, signal)) pieces.push(piece);
  return itemsFromBytes(concat(...pieces));
}

/** An item, and the path of the folder that the mirror has it in. */
export interface PlacedItem {
  readonly folderPath: readonly string[];
  readonly item: MirroredItem;
}

/** Items of the mirror below a folder, nearest first. */
export async function* itemsBelow(
  drive: Drive,
  path: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<PlacedItem, void, void> {
  let level: (readonly string[])[] = [path];
  for (let depth = 0; depth < DEPTH_MAX && level.length > 0; depth++) {
    const next: (readonly string[])[] = [];
    for (const folderPath of level) {
      const { items, folders } = await readMirror(drive, folderPath, signal);
      for (const item of items) yield { folderPath, item };
      for (const name of folders) next.push([...folderPath, name]);
    }
    level = next;
  }
}

function absent(error: unknown): undefined {
  if (error instanceof PathNotFound) return undefined;
  throw error;
}
