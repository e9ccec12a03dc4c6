/**
 * Two trees that grew apart since they were one: what was changed on this device is done again on
 * the tree as it is at the node (A-5 §5). Three-way, place by place, so that nothing is lost:
 *
 * - what was added here is added; a folder that has its twin there is put together with it;
 * - what was renamed or moved here is, unless it was renamed or moved there too;
 * - what was changed here is, property by property; of contents changed on both sides both are kept
 *   (A-9 §8);
 * - what was deleted here is, unless it was changed, renamed or moved there; what was deleted there
 *   and changed, renamed or moved here comes back, a folder with all that is in it.
 *
 * Throwing away is a move into a folder of the home, and counts as deleting.
 *
 * Invariant: whatever is in place already is left alone, so that a merge that was cut off is simply
 * begun again.
 */
import type { KeyHash } from '#lib/crypto/index.ts';
import { PendingDamaged } from '#lib/offline/index.ts';
import { createWriterLock } from '#lib/writers/index.ts';
import { DanglingEntry, MoveIntoItself } from '../errors.ts';
import type { DriveContext } from '../transact.ts';
import type { DriveDeps, Handle, Home } from '../types.ts';
import { FileMerge } from './merge-file.ts';
import { RemoteTree } from './remote-tree.ts';
import type { ChangesRefused } from './refusals.ts';
import type { MergeReport } from './report.ts';
import { isUntouched, removeDeleted } from './removal.ts';
import {
  changedPlaces,
  indexTree,
  keysBelow,
  type TreeEntry,
  type TreeIndex,
} from './tree-index.ts';

/** Three views of one drive. Each has a pointer memory and a block cache of its own. */
export interface MergeDeps {
  /** The last state both sides shared. */
  readonly base: DriveDeps;
  /** What this device made of it. It must not change meanwhile. */
  readonly ours: DriveDeps;
  /** The node as it is now; this is what is written to. */
  readonly present: DriveDeps;
  readonly home: Home;
  /** The writing spaces that were changed on this device. */
  readonly writers: readonly KeyHash[];
  /** Name of the folder in the home that things are thrown into. */
  readonly trash?: string | undefined;
  readonly report: MergeReport;
}

/**
 * Answers with the changes that the node does not take, if there are any.
 * @throws what the node refuses with; beginning again later takes it up
 * @throws PendingDamaged if what was done here cannot be read
 */
export async function mergeTrees(
  deps: MergeDeps,
  signal?: AbortSignal,
): Promise<ChangesRefused | undefined> {
  const [base, ours] = await Promise.all([
    indexTree(deps.base, deps.home, signal),
    indexTree(deps.ours, deps.home, signal),
  ]);
  if (ours.hasGaps && !base.hasGaps) throw new PendingDamaged();
  const present = await indexTree(deps.present, deps.home, signal);
  const merge = new TreeMerge(deps, { base, ours, present }, signal);
  await merge.bring();
  await merge.remove();
  return merge.refusal;
}

interface Trees {
  readonly base: TreeIndex;
  readonly ours: TreeIndex;
  readonly present: TreeIndex;
}

/** A folder of the present tree that corresponds to one of ours; made when it is first needed. */
type Place = () => Promise<Handle>;

/** A folder of ours on the walk. */
interface Visit {
  readonly key: string;
  readonly place: Place;
  /** It was deleted there and comes back with all that is in it. */
  readonly isRescued?: boolean;
}

class TreeMerge {
  readonly #deps: MergeDeps;
  readonly #trees: Trees;
  readonly #context: DriveContext;
  readonly #present: RemoteTree;
  readonly #files: FileMerge;
  readonly #signal: AbortSignal | undefined;
  readonly #thrownAway: Readonly<Record<keyof Trees, ReadonlySet<string>>>;
  #changedThere: ReadonlySet<string> | undefined;

  constructor(deps: MergeDeps, trees: Trees, signal: AbortSignal | undefined) {
    this.#deps = deps;
    this.#trees = trees;
    this.#signal = signal;
    const lock = createWriterLock();
    const context = {
      deps: deps.present,
      home: deps.home,
      lock,
      runningUploads: new Set<string>(),
    };
    const present = new RemoteTree(context, signal);
    this.#context = context;
    this.#present = present;
    const { base, ours: our } = trees;
    const { ours, report } = deps;
    this.#files = new FileMerge({ ours, context, present, base, our, report, signal });
    this.#thrownAway = {
      base: keysBelow(base, deps.trash),
      ours: keysBelow(our, deps.trash),
      present: keysBelow(trees.present, deps.trash),
    };
  }

  get refusal(): ChangesRefused | undefined {
    return this.#files.refusal;
  }

  async bring(): Promise<void> {
    const { base, ours, present } = this.#trees;
    const { writers } = this.#deps;
    this.#files.changedHere = await changedPlaces(base.view, ours.view, writers);
    this.#changedThere = await changedPlaces(base.view, present.view, writers);
    await this.#folder({ key: ours.rootKey, place: () => Promise.resolve(present.root) });
  }

  async remove(): Promise<void> {
    const { base, ours } = this.#trees;
    if (base.hasGaps || ours.hasGaps) return;
    const present = await indexTree(this.#deps.present, this.#deps.home, this.#signal);
    const changed = await changedPlaces(base.view, present.view, this.#deps.writers);
    if (changed === undefined) return;
    const removal = { base, ours, present, changed };
    const staying = await removeDeleted(this.#context, removal, this.#signal);
    staying.forEach((name) => this.#deps.report.notDeleted.add(name));
  }

  async #folder(visit: Visit): Promise<void> {
    const { base, ours, present } = this.#trees;
    for (const child of ours.children.get(visit.key) ?? []) {
      this.#signal?.throwIfAborted();
      const before = base.entries.get(child.key);
      const there = present.entries.get(child.key);
      if (there === undefined) await this.#absent(child, before, visit);
      else if (before === undefined) await this.#inPlace(child, undefined, there);
      else if (this.#isThrownAwayThere(child) && visit.isRescued !== true) {
        await this.#thrown(child, before, there, visit);
      } else await this.#inPlace(child, before, await this.#relocate(child, before, there, visit));
    }
  }

  /** Both trees have it, where it belongs. */
  async #inPlace(
    child: TreeEntry,
    before: TreeEntry | undefined,
    there: TreeEntry,
    isRescued = false,
  ): Promise<void> {
    const { handle } = there;
    if (handle !== undefined) {
      if (before !== undefined) await this.#files.mergeFolder(child, before, there);
      await this.#folder({ key: child.key, place: () => Promise.resolve(handle), isRescued });
    } else if (!child.isDirectory) await this.#files.mergeFile(child, before, there);
  }

  /** The node's tree does not have it: added here, or deleted there. */
  async #absent(
    child: TreeEntry,
    before: TreeEntry | undefined,
    { place, isRescued = false }: Visit,
  ): Promise<void> {
    const isDeletedTwice = before !== undefined && this.#isThrownAwayHere(child);
    const isElsewhere = before !== undefined && isRelocated(child, before) && !isDeletedTwice;
    if (!child.isDirectory) {
      const isWanted = isRescued || isElsewhere || (await this.#files.isChangedHere(child, before));
      if (!isWanted || isDeletedTwice) return;
      if (before !== undefined && !isRescued) this.#deps.report.notDeleted.add(child.name);
      await this.#files.add(child, child.name, await place());
      return;
    }
    const inner = this.#placeIn(place, child);
    const comesBack = isRescued || isElsewhere;
    if (isElsewhere && !isRescued) this.#deps.report.notDeleted.add(child.name);
    if (before === undefined || comesBack) await inner();
    await this.#folder({ key: child.key, place: inner, isRescued: comesBack });
  }

  /** Thrown away there and not here: what was changed here goes back to where it was. */
  async #thrown(
    child: TreeEntry,
    before: TreeEntry,
    there: TreeEntry,
    { place }: Visit,
  ): Promise<void> {
    const isElsewhere = isRelocated(child, before);
    const isChanged =
      isElsewhere || (!child.isDirectory && (await this.#files.isChangedHere(child, before)));
    if (isChanged) {
      this.#deps.report.notDeleted.add(child.name);
      const apart = this.#apart(child);
      const back = await this.#orLeft(there, async () => {
        const moved = await this.#present.move(there, await place(), apart);
        return moved.name === child.name ? moved : this.#present.rename(moved, child.name, apart);
      });
      await this.#inPlace(child, before, back, true);
    } else if (child.isDirectory) {
      await this.#folder({ key: child.key, place: this.#placeIn(place, child) });
    }
  }

  /** Renames and moves as was done here, unless that was done there as well, or done already. */
  async #relocate(
    child: TreeEntry,
    before: TreeEntry,
    there: TreeEntry,
    { place }: Visit,
  ): Promise<TreeEntry> {
    const isRenamed = child.name !== before.name && there.name === before.name;
    const isMoved = child.parentKey !== before.parentKey && there.parentKey === before.parentKey;
    if (!isMoved && !isRenamed) return there;
    if (this.#isThrownAwayHere(child) && !this.#isUntouchedThere(there)) {
      this.#deps.report.notDeleted.add(there.name);
      return there;
    }
    const apart = this.#apart(child);
    return this.#orLeft(there, async () => {
      const renamed = isRenamed ? await this.#present.rename(there, child.name, apart) : there;
      return isMoved ? this.#present.move(renamed, await place(), apart) : renamed;
    });
  }

  /** Each side moved a folder into the other's: theirs counts. Or it is gone by now. */
  async #orLeft(there: TreeEntry, work: () => Promise<TreeEntry>): Promise<TreeEntry> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof MoveIntoItself) && !(error instanceof DanglingEntry)) throw error;
      return there;
    }
  }

  #placeIn(place: Place, child: TreeEntry): Place {
    let made: Promise<Handle> | undefined;
    return () =>
      (made ??= place().then((folder) => this.#present.folder(child, folder, this.#apart(child))));
  }

  /** The names it stands beside here. */
  #apart({ parentKey }: TreeEntry): ReadonlySet<string> {
    return this.#trees.ours.names.get(parentKey) ?? new Set();
  }

  #isThrownAwayHere({ key }: TreeEntry): boolean {
    const { base, ours } = this.#thrownAway;
    return ours.has(key) && !base.has(key);
  }

  #isThrownAwayThere({ key }: TreeEntry): boolean {
    const { base, ours, present } = this.#thrownAway;
    return present.has(key) && !base.has(key) && !ours.has(key);
  }

  #isUntouchedThere(there: TreeEntry): boolean {
    const changed = this.#changedThere;
    return changed !== undefined && isUntouched({ ...this.#trees, changed }, there);
  }
}

function isRelocated(child: TreeEntry, before: TreeEntry): boolean {
  return child.name !== before.name || child.parentKey !== before.parentKey;
}
