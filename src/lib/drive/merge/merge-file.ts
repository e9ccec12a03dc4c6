/**
 * One file of which this device has a version of its own, brought to the present tree (A-9 §8).
 * What was changed on one side alone is taken; of contents that were changed on both, both stay.
 */
import { canonical } from '#lib/bytes/index.ts';
import { CHUNK_BYTES } from '#lib/codec/index.ts';
import { BlockMissing } from '#lib/writers/index.ts';
import { mirrorBatIdFor, type Change } from '../change.ts';
import { storedSource } from '../copy.ts';
import { DanglingEntry, FileDamaged, SourceUnreadable } from '../errors.ts';
import { copyName } from '../names.ts';
import { putOverFile, sealFile, type FileFacts } from '../upload/sealed-file.ts';
import { transact, type DriveContext } from '../transact.ts';
import type { DriveDeps, Handle, ListedEntry } from '../types.ts';
import { upload } from '../upload/upload.ts';
import type { RemoteTree } from './remote-tree.ts';
import { ChangesRefused, isRefusal } from './refusals.ts';
import type { MergeReport } from './report.ts';
import { openOne, type TreeEntry, type TreeIndex } from './tree-index.ts';
import { contentOf, hasSameContent, isChanged, mergedProperties } from './versions.ts';

export interface FileMergeDeps {
  /** What this device's contents are read with. */
  readonly ours: DriveDeps;
  readonly context: DriveContext;
  readonly present: RemoteTree;
  readonly base: Pick<TreeIndex, 'view'>;
  readonly our: Pick<TreeIndex, 'view' | 'names'>;
  readonly report: MergeReport;
  readonly signal: AbortSignal | undefined;
}

export class FileMerge {
  /** What the node does not take. */
  refusal: ChangesRefused | undefined;
  /** Places that differ between the base and this device; undefined: cannot be told. */
  changedHere: ReadonlySet<string> | undefined;
  readonly #deps: FileMergeDeps;

  constructor(deps: FileMergeDeps) {
    this.#deps = deps;
  }

  /** Whether the file's content, or anything its node says of it but the name, was changed here. */
  async isChangedHere(child: TreeEntry, before: TreeEntry | undefined): Promise<boolean> {
    if (before === undefined) return true;
    if (this.changedHere?.has(child.key) === false) return false;
    const [now, then] = await Promise.all([
      this.#open(this.#deps.our, child),
      this.#open(this.#deps.base, before),
    ]);
    if (now === undefined) return false;
    return then === undefined || contentOf(now) !== contentOf(then) || isChanged(then, now);
  }

  /** Merges a file that both trees have. */
  async mergeFile(
    child: TreeEntry,
    before: TreeEntry | undefined,
    there: TreeEntry,
  ): Promise<void> {
    if (!(await this.isChangedHere(child, before))) return;
    const { our, base, present } = this.#deps;
    const [file, old, now] = await Promise.all([
      this.#open(our, child),
      before && this.#open(base, before),
      present.open(there.folder, there.row),
    ]);
    if (file === undefined) return;
    const isOurs = await this.#mergeContent(child, there, { file, old, now });
    if (old === undefined || isOurs === undefined) return;
    const fresh = await present.open(there.folder, there.row);
    const wanted = fresh && mergedProperties(old, file, fresh, isOurs);
    if (wanted !== undefined) await present.setProperties(there, wanted);
  }

  /** What can be changed of a folder itself. */
  async mergeFolder(child: TreeEntry, before: TreeEntry, there: TreeEntry): Promise<void> {
    const [ours, old, now] = [child.handle, before.handle, there.handle];
    if (!ours || !old || !now || ours.properties.isHidden === old.properties.isHidden) return;
    const wanted = mergedProperties(old, ours, now, false);
    if (wanted !== undefined) await this.#deps.present.setProperties(there, wanted);
  }

  /** Adds our version, under a copy's name where others have its name. */
  async add(child: TreeEntry, wanted: string, folder: Handle): Promise<void> {
    const { our, ours, context, present, report, signal } = this.#deps;
    const file = await this.#open(our, child);
    if (file === undefined) return;
    const rows = await present.rows(folder);
    const apart = our.names.get(child.parentKey) ?? new Set();
    const alike = new Map<string, ListedEntry>();
    for (const row of rows.values()) {
      if (!apart.has(row.name)) alike.set(canonical(row.name), row);
    }
    for (let copy = 0; ; copy++) {
      const name = copyName(wanted, copy);
      const row = rows.get(name) ?? alike.get(canonical(name));
      if (row === undefined) {
        const item = {
          path: [name],
          source: storedSource(ours, file),
          facts: factsOf(file),
          isCopy: true,
          apart,
        };
        const options = { onConflict: 'keep-both' as const, ...(signal ? { signal } : {}) };
        const added = await this.#ifPossible(child, () => upload(context, folder, [item], options));
        if (added !== undefined && copy > 0) report.keptBoth.add(name);
        return;
      }
      const other = row.isDirectory ? undefined : await present.open(folder, row);
      if (other === undefined || !(await this.#isTheSame(file, other))) continue;
      // A copy that an earlier attempt made.
      if (copy > 0) report.keptBoth.add(name);
      return;
    }
  }

  /**
   * Settles whose content the file has: true for ours, false for theirs alone, undefined if ours
   * became a file of its own.
   */
  async #mergeContent(
    child: TreeEntry,
    there: TreeEntry,
    { file, old, now }: Versions,
  ): Promise<boolean | undefined> {
    const theirs = now && contentOf(now);
    if (old !== undefined && contentOf(file) === contentOf(old)) return theirs === contentOf(old);
    if (now !== undefined && (await this.#isTheSame(file, now))) return true;
    if (now !== undefined && old !== undefined && contentOf(old) === theirs) {
      const replace = () => this.#replace(child, file, now, there.folder);
      const isReplaced = await this.#ifPossible(child, replace);
      if (isReplaced !== false) return isReplaced;
    }
    await this.add(child, there.name, there.folder);
    return undefined;
  }

  /** Puts our version in the place of the one we began with. False: it is not that one any more. */
  async #replace(child: TreeEntry, file: Handle, now: Handle, folder: Handle): Promise<boolean> {
    const { ours, context, signal } = this.#deps;
    const { deps, home } = context;
    const sealed = await sealFile(deps, child.name, storedSource(ours, file), factsOf(file), {
      mirrorBatId: mirrorBatIdFor(home, folder),
      chunkBytes: deps.chunkBytes ?? CHUNK_BYTES,
      signal,
    });
    const work = async (change: Change): Promise<boolean> => {
      const existing = await change.reopenFile(now);
      if (contentOf(existing) !== contentOf(now)) return false;
      await putOverFile(change, existing, sealed);
      return true;
    };
    try {
      return await transact(context, now, work, signal);
    } catch (error) {
      if (error instanceof DanglingEntry) return false;
      throw error;
    }
  }

  #isTheSame(ours: Handle, theirs: Handle): Promise<boolean> {
    const { ours: deps, context, signal } = this.#deps;
    return hasSameContent({ deps, file: ours }, { deps: context.deps, file: theirs }, signal);
  }

  #open({ view }: Pick<TreeIndex, 'view'>, { folder, row }: TreeEntry) {
    return openOne(view, folder, row, this.#deps.signal);
  }

  /** Content that no node has any more, or that the node refuses, must not hold all else up. */
  async #ifPossible<T>(child: TreeEntry, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (thrown) {
      const error: unknown = thrown instanceof SourceUnreadable ? thrown.cause : thrown;
      if (isRefusal(error)) {
        this.refusal = new ChangesRefused([...(this.refusal?.names ?? []), child.name], error);
        return undefined;
      }
      if (!(error instanceof BlockMissing) && !(error instanceof FileDamaged)) throw error;
      this.#deps.report.lost.add(child.name);
      return undefined;
    }
  }
}

interface Versions {
  readonly file: Handle;
  readonly old: Handle | undefined;
  readonly now: Handle | undefined;
}

function factsOf({ properties }: Handle): FileFacts {
  const { mimeType, thumbnail, modified, isHidden } = properties;
  return { mimeType, modified, isHidden, ...(thumbnail ? { thumbnail } : {}) };
}
