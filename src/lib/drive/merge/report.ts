/** What became of changes that met those of others. */

export interface Merged {
  /** Names of the files of which both versions were kept. */
  readonly keptBoth: readonly string[];
  /** Names of what was deleted on one side and changed on the other, and is still there. */
  readonly notDeleted: readonly string[];
  /** Names of files whose changed content could not be read any more. */
  readonly lost: readonly string[];
}

/**
 * Names, as they become known. It outlives an attempt that is cut off: the next one finds settled
 * what that one settled, and has nothing to say of it.
 */
export class MergeReport {
  readonly keptBoth = new Set<string>();
  readonly notDeleted = new Set<string>();
  readonly lost = new Set<string>();

  get names(): Merged {
    const { keptBoth, notDeleted, lost } = this;
    return { keptBoth: [...keptBoth], notDeleted: [...notDeleted], lost: [...lost] };
  }
}
