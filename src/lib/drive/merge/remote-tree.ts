/**
 * The tree as it is at the node, while the work of a device is done on it again. Each change looks
 * at it anew: others may be changing it, too.
 */
import { Snapshot } from '#lib/writers/index.ts';
import type { Change } from '../change.ts';
import { FolderEdit } from '../folder-edit.ts';
import { listFolder, placeKey } from '../listing.ts';
import { makeDirectory } from '../make-directory.ts';
import { moveEntries } from '../move.ts';
import { copyName, freeName } from '../names.ts';
import { reopened } from '../open.ts';
import { renameIn, setProperties, type PropertyChange } from '../properties.ts';
import { transact, type DriveContext } from '../transact.ts';
import type { Handle, ListedEntry } from '../types.ts';
import { openOne, type TreeEntry } from './tree-index.ts';

export class RemoteTree {
  readonly #context: DriveContext;
  readonly #signal: AbortSignal | undefined;

  constructor(context: DriveContext, signal: AbortSignal | undefined) {
    this.#context = context;
    this.#signal = signal;
  }

  /** Gives an entry the name, or a copy's name where that is taken. Names that are `apart` take none. */
  rename(entry: TreeEntry, wanted: string, apart: ReadonlySet<string>): Promise<TreeEntry> {
    const beside = new Set([...apart, entry.name]);
    const work = async (change: Change): Promise<TreeEntry> => {
      const edit = await FolderEdit.load(change, entry.folder);
      const { capability } = entry.row;
      if (capability === undefined) return entry;
      const child = await change.openChild(edit.folder, entry.name, capability);
      const name = freeName(wanted, (candidate) => edit.has(candidate, beside));
      await renameIn(change, edit, entry.row.child, child, name);
      await edit.save();
      return { ...entry, name };
    };
    return transact(this.#context, entry.folder, work, this.#signal);
  }

  async move(entry: TreeEntry, to: Handle, apart: ReadonlySet<string>): Promise<TreeEntry> {
    const row = await this.#rowAt(entry.folder, entry.key);
    if (row === undefined) return entry;
    const work = (change: Change) =>
      moveEntries(change, entry.folder, [row.child], to, { onConflict: 'keep-both', apart });
    await transact(this.#context, entry.folder, work, this.#signal);
    const moved = await this.#rowAt(to, entry.key);
    return moved === undefined ? entry : { ...entry, folder: to, name: moved.name, row: moved };
  }

  /** Changes what is not content; the folder's list shows the type, too. */
  setProperties(entry: TreeEntry, wanted: PropertyChange): Promise<void> {
    const work = async (change: Change): Promise<void> => {
      const { capability, child: listed } = entry.row;
      if (capability === undefined) return;
      const edit = await FolderEdit.load(change, entry.folder);
      const child = await change.openChild(edit.folder, entry.name, capability);
      await setProperties(change, child, wanted);
      if (wanted.mimeType === undefined) return;
      const shown = { ...child.properties, mimeType: wanted.mimeType };
      edit.replace(listed, edit.entryFor(child.link?.capability ?? child.capability, shown));
      await edit.save();
    };
    return transact(this.#context, entry.folder, work, this.#signal);
  }

  /** The folder of this name, or a new one. */
  async folder(child: TreeEntry, folder: Handle, apart: ReadonlySet<string>): Promise<Handle> {
    const isHidden = child.handle?.properties.isHidden ?? false;
    const work = async (change: Change): Promise<Handle> => {
      const edit = await FolderEdit.load(change, folder);
      for (let copy = 0; ; copy++) {
        const name = copyName(child.name, copy);
        const there = edit.entry(name, apart);
        const taken = there && edit.childCapability(there.name, apart);
        if (there === undefined || taken === undefined) {
          return makeDirectory(change, folder, name, isHidden, apart);
        }
        const other = await change.openChild(edit.folder, there.name, taken);
        if (other.isDirectory) return other;
      }
    };
    return transact(this.#context, folder, work, this.#signal);
  }

  /** What a row leads to now; undefined: nothing that can be read. */
  open(folder: Handle, row: ListedEntry): Promise<Handle | undefined> {
    return openOne(this.#view(folder), folder, row, this.#signal);
  }

  async rows(folder: Handle): Promise<Map<string, ListedEntry>> {
    const view = this.#view(folder);
    const rows = new Map<string, ListedEntry>();
    for await (const batch of listFolder(view, await reopened(view, folder), this.#signal)) {
      for (const row of batch) rows.set(row.name, row);
    }
    return rows;
  }

  async #rowAt(folder: Handle, key: string): Promise<ListedEntry | undefined> {
    const rows = await this.rows(folder);
    return [...rows.values()].find(
      ({ capability }) => capability !== undefined && placeKey(capability) === key,
    );
  }

  #view({ capability }: Handle): Snapshot {
    return new Snapshot(this.#context.deps, capability.owner);
  }
}
