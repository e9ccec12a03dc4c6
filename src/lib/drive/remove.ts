/**
 * Deleting (A-9 §9). What lies below is found first, then everything goes in one commit: chunks in
 * bulk, own writing spaces, the entries last. Nothing unreadable stops it: an entry whose target is
 * gone, broken or foreign is taken out of the list all the same.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Capability, ChildToWrite, OpenNode } from '#lib/cryptree/index.ts';
import type { MapKey, Signer } from '#lib/crypto/index.ts';
import { writable, type Change } from './change.ts';
import { directoryParts } from './directory.ts';
import { FolderEdit, identityOf } from './folder-edit.ts';
import { placeKey, targetOf } from './listing.ts';
import { namedOnly, openAll } from './nodes.ts';
import { followLinks, handleOf } from './open.ts';
import { chunkLabels } from './remove-chunks.ts';
import type { Handle } from './types.ts';

/** Takes `entries` and all below them out of `folder`. Entries that are gone already are no error. */
export async function removeEntries(
  change: Change,
  folder: Handle,
  entries: readonly ChildToWrite[],
  onFound?: (count: number) => void,
): Promise<void> {
  const edit = await FolderEdit.load(change, folder);
  await removeFrom(change, edit, entries, onFound);
  await edit.save();
}

/** The same within an edit that goes on and is saved later. */
export async function removeFrom(
  change: Change,
  edit: FolderEdit,
  entries: readonly ChildToWrite[],
  onFound?: (count: number) => void,
): Promise<void> {
  const wanted = new Set(entries.map(identityOf));
  const all = edit.children();
  const present = all.filter((child) => wanted.has(identityOf(child)));
  const others = all.filter((child) => !wanted.has(identityOf(child)));
  const kept = new Set(others.flatMap((child) => placeOfChild(edit.folder.capability, child)));
  const removal = new Removal(change, kept, onFound);
  await removal.collect(edit.folder, present);
  await removal.apply();
  edit.remove(present);
}

/** Everything that has to go, gathered before anything does. */
class Removal {
  readonly #change: Change;
  /** Places that other entries of the list lead to: a twin of an entry must not take them along. */
  readonly #kept: ReadonlySet<string>;
  readonly #labels = new Map<string, { signer: Signer; mapKeys: MapKey[] }>();
  readonly #spaces: { parent: Signer; child: Signer }[] = [];
  readonly #seen = new Set<string>();
  readonly #onFound: ((count: number) => void) | undefined;

  constructor(
    change: Change,
    kept: ReadonlySet<string>,
    onFound: ((count: number) => void) | undefined,
  ) {
    this.#change = change;
    this.#kept = kept;
    this.#onFound = onFound;
  }

  async collect(folder: Handle, children: readonly ChildToWrite[]): Promise<void> {
    const targets = children
      .flatMap((child) => targetOf(folder.capability, child) ?? [])
      .filter((target) => this.#isNew(target));
    const nodes = await openAll(this.#change.commit, targets, this.#change.signal);
    this.#onFound?.(this.#seen.size);
    for (const [i, node] of nodes.entries()) {
      if (node instanceof PyrgosError) this.#dropUnreadable(folder, targets[i] as Capability);
      else if (node) await this.#collectNode(folder, node);
    }
  }

  async apply(): Promise<void> {
    const { commit } = this.#change;
    const ended = new Set(this.#spaces.map(({ child }) => child.hash.toString()));
    for (const [writer, { signer, mapKeys }] of this.#labels) {
      if (!ended.has(writer)) await commit.removeMapped(signer, mapKeys);
    }
    for (const { parent, child } of this.#spaces) {
      if (!ended.has(parent.hash.toString())) await commit.removeOwnedKey(parent, child.hash);
      await commit.deleteWriter(child);
    }
  }

  async #collectNode(folder: Handle, first: OpenNode): Promise<void> {
    const target = await followLinks(this.#change.commit, first, this.#change.signal).catch(
      (error: unknown) => namedOnly(error, this.#change.signal),
    );
    if (first.kind === 'link') this.#drop(folder.signer, [first.capability.mapKey]);
    if (target === undefined || target instanceof PyrgosError) return;
    const handle = handleOf(target, folder, folder.signer);
    if (!handle.signer) return; // readable only: not ours to delete, the entry is
    if (handle.isDirectory) await this.#collectDirectory(handle);
    else this.#drop(handle.signer, await chunkLabels(this.#change, writable(handle)));
    const isOwnSpace = !handle.capability.writer.equals(folder.capability.writer);
    if (isOwnSpace && folder.signer && handle.node.signerLink !== undefined) {
      this.#spaces.push({ parent: folder.signer, child: handle.signer });
    }
  }

  async #collectDirectory(handle: Handle): Promise<void> {
    const { commit, signal } = this.#change;
    try {
      for await (const { node, children } of directoryParts(commit, handle.node, signal)) {
        if (!(children instanceof PyrgosError)) await this.collect(handle, children);
        this.#drop(handle.signer, [node.capability.mapKey]);
      }
    } catch (error) {
      namedOnly(error, signal); // the rest of a broken chain cannot be found, and is let go
    }
  }

  #dropUnreadable(folder: Handle, target: Capability): void {
    if (target.writer.equals(folder.capability.writer)) this.#drop(folder.signer, [target.mapKey]);
  }

  #drop(signer: Signer | undefined, mapKeys: readonly MapKey[]): void {
    if (!signer) return;
    const key = signer.hash.toString();
    const known = this.#labels.get(key) ?? { signer, mapKeys: [] };
    for (const mapKey of mapKeys) known.mapKeys.push(mapKey);
    this.#labels.set(key, known);
  }

  #isNew(target: Capability): boolean {
    const key = placeKey(target);
    if (this.#seen.has(key) || this.#kept.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}

/** Where an entry leads, without opening its keys. */
function placeOfChild(folder: Capability, child: ChildToWrite): string[] {
  const { mapKey, writer } = 'raw' in child ? child : child.capability;
  return mapKey ? [placeKey({ writer: writer ?? folder.writer, mapKey })] : [];
}
