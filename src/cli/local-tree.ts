/**
 * Files and folders of this disk that are to be stored. Links are followed; what is neither file nor
 * folder holds nothing to store. All of it is looked at before anything is sent: what cannot be
 * read, or has a name no other machine could read, is told while nothing has happened yet.
 */
import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { UploadItem } from '#lib/drive/index.ts';
import { Misused } from './errors.ts';
import { localFile } from './local-file.ts';

export interface LocalTree {
  readonly items: readonly UploadItem[];
  /** Sockets, pipes, devices. */
  readonly leftOut: readonly string[];
}

/** What is at `place`, to be called `path`. Throws {@link Misused}, and what the disk refuses with. */
export async function readLocalTree(
  place: string,
  path: readonly string[],
  signal: AbortSignal,
): Promise<LocalTree> {
  const items: UploadItem[] = [];
  const leftOut: string[] = [];
  await gather({ items, leftOut, above: [], signal }, place, path);
  return { items, leftOut };
}

interface Gathering {
  readonly items: UploadItem[];
  readonly leftOut: string[];
  /** Folders on the way here, so that a link to one of them does not go on for ever. */
  readonly above: readonly string[];
  readonly signal: AbortSignal;
}

async function gather(all: Gathering, place: string, path: readonly string[]): Promise<void> {
  all.signal.throwIfAborted();
  const found = await stat(place, { bigint: true });
  if (found.isFile()) {
    await access(place, constants.R_OK);
    all.items.push({ path, source: localFile(place, found) });
  } else if (found.isDirectory()) {
    await gatherBelow(all, place, path, `${found.dev}:${found.ino}`);
  } else all.leftOut.push(place);
}

async function gatherBelow(
  all: Gathering,
  place: string,
  path: readonly string[],
  identity: string,
): Promise<void> {
  if (all.above.includes(identity)) {
    throw new Misused(`${place} has no end: a link on the way leads back to where it begins.`);
  }
  const names = await namesIn(place);
  const below = { ...all, above: [...all.above, identity] };
  const before = all.items.length;
  for (const name of names) await gather(below, join(place, name), [...path, name]);
  // A folder comes with what it holds; an empty one by itself.
  if (all.items.length === before) all.items.push({ path });
}

const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** In order, and as they are: Node would put other characters for bytes that are no text. */
async function namesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { encoding: 'buffer' })).map((name) => {
    try {
      return TEXT.decode(name);
    } catch {
      const shown = join(folder, name.toString('utf8'));
      throw new Misused(`The name of ${shown} is no UTF-8 text. Rename it first.`);
    }
  });
  return names.sort();
}
