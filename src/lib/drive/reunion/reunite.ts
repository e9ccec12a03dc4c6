/**
 * Two trees that grew apart since they were one: what was changed on this device is done again on
 * the tree as it is at the node (A-5 §5). Three-way, place by place:
 *
 * - what was added here is added; a folder that has its twin there is put together with it;
 * - what was renamed or moved here is, unless it was moved there too;
 * - what was changed here is, and if it was changed there too both versions are kept (A-9 §8);
 * - what was deleted here is, unless it was changed there; what was deleted there and changed here
 *   comes back.
 *
 * Invariant: whatever is in place already is left alone, so that a reunion that was cut off is simply
 * begun again.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { CHUNK_BYTES } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { NodeUnreachable } from '#lib/node/index.ts';
import { BlockMissing, createWriterLock, type Snapshot } from '#lib/writers/index.ts';
import { mirrorBatIdFor, type Change } from '../change.ts';
import { storedSource } from '../copy.ts';
import { DanglingEntry, FileDamaged, MoveIntoItself } from '../errors.ts';
import { copyName } from '../names.ts';
import { openEntries } from '../open-entries.ts';
import { putOverFile, sealFile, type FileFacts } from '../sealed-file.ts';
import { transact, type DriveContext } from '../transact.ts';
import type { DriveDeps, Handle, Home } from '../types.ts';
import { upload } from '../upload.ts';
import { PresentTree } from './present-tree.ts';
import { removeDeleted } from './removal.ts';
import { changedPlaces, indexTree, type TreeEntry, type TreeIndex } from './tree-index.ts';
import { hasSameContent, versionOf } from './versions.ts';

/** Three views of one drive. Each has a pointer memory and a block cache of its own. */
export interface ReunionDeps {
  /** The last state both sides shared. */
  readonly base: DriveDeps;
  /** What this device made of it. It must not change meanwhile. */
  readonly ours: DriveDeps;
  /** The node as it is now; this is what is written to. */
  readonly present: DriveDeps;
  readonly home: Home;
  /** The writing spaces that were changed on this device. */
  readonly writers: readonly KeyHash[];
}

export interface Reunited {
  /** Names of the files of which both versions were kept. */
  readonly keptBoth: readonly string[];
  /** Names of files whose changed content could not be read any more. */
  readonly lost: readonly string[];
}

/** @throws what the node refuses with; beginning again later takes it up. */
export async function reunite(deps: ReunionDeps, signal?: AbortSignal): Promise<Reunited> {
  const [base, ours] = await Promise.all([
    indexTree(deps.base, deps.home, signal),
    indexTree(deps.ours, deps.home, signal),
  ]);
  const present = await indexTree(deps.present, deps.home, signal);
  const reunion = new Reunion(deps, { base, ours, present }, signal);
  await reunion.bring();
  await reunion.remove();
  return reunion.result;
}

interface Trees {
  readonly base: TreeIndex;
  readonly ours: TreeIndex;
  readonly present: TreeIndex;
}

/** A folder of the present tree that corresponds to one of ours; made when it is first needed. */
type Place = () => Promise<Handle>;

class Reunion {
  readonly #deps: ReunionDeps;
  readonly #trees: Trees;
  readonly #context: DriveContext;
  readonly #present: PresentTree;
  readonly #signal: AbortSignal | undefined;
  readonly #keptBoth: string[] = [];
  readonly #lost: string[] = [];
  #changedHere: ReadonlySet<string> | undefined;

  constructor(deps: ReunionDeps, trees: Trees, signal: AbortSignal | undefined) {
    this.#deps = deps;
    this.#trees = trees;
    this.#signal = signal;
    const lock = createWriterLock();
    this.#context = { deps: deps.present, home: deps.home, lock, runningUploads: new Set() };
    this.#present = new PresentTree(this.#context, signal);
  }

  get result(): Reunited {
    return { keptBoth: this.#keptBoth, lost: this.#lost };
  }

  async bring(): Promise<void> {
    const { base, ours, present } = this.#trees;
    const { writers } = this.#deps;
    this.#changedHere = await changedPlaces(base.view, ours.view, writers);
    await this.#folder(ours.rootKey, () => Promise.resolve(present.root));
  }

  async remove(): Promise<void> {
    const { base, ours } = this.#trees;
    if (base.hasGaps || ours.hasGaps) return;
    const present = await indexTree(this.#deps.present, this.#deps.home, this.#signal);
    const changed = await changedPlaces(base.view, present.view, this.#deps.writers);
    if (changed === undefined) return;
    await removeDeleted(this.#context, { base, ours, present, changed }, this.#signal);
  }

  async #folder(ourKey: string, place: Place): Promise<void> {
    const { base, ours, present } = this.#trees;
    for (const child of ours.children.get(ourKey) ?? []) {
      this.#signal?.throwIfAborted();
      const before = base.entries.get(child.key);
      const there = present.entries.get(child.key);
      if (there === undefined) await this.#absent(child, before, place);
      else {
        const now =
          before === undefined ? there : await this.#relocate(child, before, there, place);
        const { handle } = now;
        if (handle !== undefined) await this.#folder(child.key, () => Promise.resolve(handle));
        else if (!child.isDirectory) await this.#content(child, before, now);
      }
    }
  }

  /** The node's tree does not have it: added here, or deleted there. */
  async #absent(child: TreeEntry, before: TreeEntry | undefined, place: Place): Promise<void> {
    if (!child.isDirectory) {
      const isNews = before === undefined || (await this.#isChangedHere(child, before));
      if (isNews) await this.#addFile(child, child.name, await place());
      return;
    }
    let made: Promise<Handle> | undefined;
    const inner: Place = () =>
      (made ??= place().then((folder) => this.#present.folder(child, folder)));
    if (before === undefined) await inner();
    await this.#folder(child.key, inner);
  }

  /** Renames and moves as was done here, unless that was done there as well, or done already. */
  async #relocate(
    child: TreeEntry,
    before: TreeEntry,
    there: TreeEntry,
    place: Place,
  ): Promise<TreeEntry> {
    const isMoved = child.parentKey !== before.parentKey;
    const isRenamed = child.name !== before.name;
    const isInPlace = there.parentKey === before.parentKey && there.name === before.name;
    if (!isInPlace || (!isMoved && !isRenamed)) return there;
    let now = there;
    try {
      if (isRenamed) now = await this.#present.rename(now, child.name);
      if (isMoved) now = await this.#present.move(now, await place());
    } catch (error) {
      // Each side moved a folder into the other's: theirs counts. Or it is gone by now.
      if (!(error instanceof MoveIntoItself) && !(error instanceof DanglingEntry)) throw error;
    }
    return now;
  }

  /** Both trees have the file. */
  async #content(child: TreeEntry, before: TreeEntry | undefined, there: TreeEntry): Promise<void> {
    if (!(await this.#isChangedHere(child, before))) return;
    const [file, now] = await Promise.all([
      this.#open(this.#trees.ours.view, child),
      this.#present.open(there.folder, there.row),
    ]);
    if (file === undefined) return;
    if (now === undefined || !(await this.#isTheSame(file, now))) {
      const old = before && (await this.#open(this.#trees.base.view, before));
      const isUntouched = now !== undefined && old && versionOf(old) === versionOf(now);
      const isDone = isUntouched === true && (await this.#replace(child, file, now, there.folder));
      if (!isDone) await this.#addFile(child, there.name, there.folder);
    }
  }

  async #isChangedHere(child: TreeEntry, before: TreeEntry | undefined): Promise<boolean> {
    if (this.#changedHere?.has(child.key) === false) return false;
    if (before === undefined) return true;
    const [now, then] = await Promise.all([
      this.#open(this.#trees.ours.view, child),
      this.#open(this.#trees.base.view, before),
    ]);
    return now !== undefined && (then === undefined || versionOf(now) !== versionOf(then));
  }

  /** Puts our version in the place of the one we began with. False: it is not that one any more. */
  async #replace(child: TreeEntry, file: Handle, now: Handle, folder: Handle): Promise<boolean> {
    const { deps, home } = this.#context;
    const sealed = await this.#orLost(child, () =>
      sealFile(deps, child.name, storedSource(this.#deps.ours, file), factsOf(file), {
        mirrorBatId: mirrorBatIdFor(home, folder),
        chunkBytes: deps.chunkBytes ?? CHUNK_BYTES,
        signal: this.#signal,
      }),
    );
    if (sealed === undefined) return true;
    const work = async (change: Change): Promise<boolean> => {
      const existing = await change.reopenFile(now);
      if (versionOf(existing) !== versionOf(now)) return false;
      await putOverFile(change, existing, sealed);
      return true;
    };
    try {
      return await transact(this.#context, now, work, this.#signal);
    } catch (error) {
      if (error instanceof DanglingEntry) return false;
      throw error;
    }
  }

  /** Adds our version, under a copy's name where others have its name. */
  async #addFile(child: TreeEntry, wanted: string, folder: Handle): Promise<void> {
    const file = await this.#open(this.#trees.ours.view, child);
    if (file === undefined) return;
    const rows = await this.#present.rows(folder);
    for (let copy = 0; ; copy++) {
      const name = copyName(wanted, copy);
      const row = rows.get(name);
      if (row === undefined) {
        const source = storedSource(this.#deps.ours, file);
        const item = { path: [name], source, facts: factsOf(file), isCopy: true };
        await this.#orLost(child, () =>
          upload(this.#context, folder, [item], {
            onConflict: 'keep-both',
            ...(this.#signal ? { signal: this.#signal } : {}),
          }),
        );
        if (copy > 0) this.#keptBoth.push(name);
        return;
      }
      const other = row.isDirectory ? undefined : await this.#present.open(folder, row);
      if (other !== undefined && (await this.#isTheSame(file, other))) return;
    }
  }

  #isTheSame(ours: Handle, theirs: Handle): Promise<boolean> {
    const [a, b] = [
      { deps: this.#deps.ours, file: ours },
      { deps: this.#deps.present, file: theirs },
    ];
    return hasSameContent(a, b, this.#signal);
  }

  async #open(view: Snapshot, { folder, row }: TreeEntry): Promise<Handle | undefined> {
    const [found] = await openEntries(view, folder, [row], this.#signal);
    return found instanceof PyrgosError ? undefined : found;
  }

  /** Content that no node has any more must not keep all else from going on. */
  async #orLost<T>(child: TreeEntry, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      const isGone = error instanceof BlockMissing || error instanceof FileDamaged;
      if (!isGone || error instanceof NodeUnreachable) throw error;
      this.#lost.push(child.name);
      return undefined;
    }
  }
}

function factsOf({ properties }: Handle): FileFacts {
  const { mimeType, thumbnail, modified, isHidden } = properties;
  return { mimeType, modified, isHidden, ...(thumbnail ? { thumbnail } : {}) };
}
