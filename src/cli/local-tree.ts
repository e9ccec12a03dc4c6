/**
 * Files and folders of this disk that are to be stored. Links are followed. All of it is looked at
 * before anything is sent; what cannot be stored is told, with its whole path, and keeps nothing else
 * from being: what cannot be read, has a name that the drive does not take, or is neither file nor
 * folder.
 */
import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mapNames, nameFault, type UploadItem } from '#lib/drive/index.ts';
import { Misused } from './errors.ts';
import { badLocalName, isFatal, nameIsNoText, type LeftOut } from './left-out.ts';
import { localFile, type LocalPlace } from './local-file.ts';

export interface LocalTree {
  readonly items: readonly UploadItem[];
  readonly leftOut: readonly LeftOut[];
  /** Entries that get another name in the drive. */
  readonly renamed: readonly { readonly path: string; readonly name: string }[];
}

export interface TreeOptions {
  /** Names that the drive does not take are changed. */
  readonly isMapped: boolean;
  readonly signal: AbortSignal;
}

/** What is at `place`, to be called `path`. Throws what is wrong with that very place. */
export async function readLocalTree(
  place: string,
  path: readonly string[],
  options: TreeOptions,
): Promise<LocalTree> {
  const gathering = new Gathering(options);
  await gathering.add({ place, shown: place, path, above: [] });
  return gathering;
}

interface Entry {
  readonly place: LocalPlace;
  /** The place as text. */
  readonly shown: string;
  readonly path: readonly string[];
  /** Folders on the way here, so that a link to one of them does not go on for ever. */
  readonly above: readonly string[];
}

class Gathering implements LocalTree {
  readonly items: UploadItem[] = [];
  readonly leftOut: LeftOut[] = [];
  readonly renamed: { path: string; name: string }[] = [];
  readonly #options: TreeOptions;

  constructor(options: TreeOptions) {
    this.#options = options;
  }

  async add(entry: Entry): Promise<void> {
    this.#options.signal.throwIfAborted();
    const { place, shown, path } = entry;
    const found = await stat(place, { bigint: true });
    if (found.isFile()) {
      await access(place, constants.R_OK);
      this.items.push({ path, source: localFile(place, found) });
    } else if (found.isDirectory()) {
      await this.#addBelow(entry, `${found.dev}:${found.ino}`);
    } else throw new Misused(`${shown} is neither a file nor a folder.`);
  }

  async #addBelow({ place, shown, path, above }: Entry, identity: string): Promise<void> {
    if (above.includes(identity)) {
      throw new Misused(`${shown} has no end: a link on the way leads back to where it begins.`);
    }
    const found = await namesIn(place);
    const before = this.items.length;
    const names = this.#driveNames(found);
    for (const [i, one] of found.entries()) {
      const name = names[i] ?? one.text;
      const entry = {
        place: below(place, one),
        shown: join(shown, one.text),
        path: [...path, name],
        above: [...above, identity],
      };
      try {
        this.#checkName(one, name);
        if (name !== one.text) this.renamed.push({ path: entry.shown, name });
        await this.add(entry);
      } catch (error) {
        if (isFatal(error)) throw error;
        this.leftOut.push({ path: entry.shown, error: error as Error });
      }
    }
    // A folder comes with what it holds; an empty one by itself.
    if (this.items.length === before) this.items.push({ path });
  }

  #driveNames(found: readonly FoundName[]): readonly string[] {
    const names = found.map(({ text }) => text);
    return this.#options.isMapped ? mapNames(names, 'drive') : names;
  }

  #checkName({ isText }: FoundName, name: string): void {
    if (!isText && !this.#options.isMapped) throw nameIsNoText();
    const fault = nameFault(name, 'drive');
    if (fault !== undefined) throw badLocalName(fault, 'drive');
  }
}

interface FoundName {
  readonly bytes: Buffer;
  /** With other characters for bytes that are no text. */
  readonly text: string;
  readonly isText: boolean;
}

const TEXT = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** In order, and as they are: Node would put other characters for bytes that are no text. */
async function namesIn(folder: LocalPlace): Promise<FoundName[]> {
  const names = (await readdir(folder, { encoding: 'buffer' })).map((bytes) => {
    try {
      return { bytes, text: TEXT.decode(bytes), isText: true };
    } catch {
      return { bytes, text: bytes.toString('utf8'), isText: false };
    }
  });
  return names.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
}

function below(folder: LocalPlace, { bytes, text, isText }: FoundName): LocalPlace {
  if (isText && typeof folder === 'string') return join(folder, text);
  return Buffer.concat([Buffer.from(folder), Buffer.from('/'), bytes]);
}
