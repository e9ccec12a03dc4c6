/** What rooms above keep about entries of the home, and how they learn what becomes of these. */
import type { Change } from './change.ts';
import type { Handle } from './types.ts';

/**
 * Records about entries of the own tree that lie elsewhere in it and go by their paths, which begin
 * with the name of the home. They learn, within the change and so in its commit, what becomes of an
 * entry and of all below it.
 */
export interface EntryRecords {
  /**
   * Whether somebody has access to what lies in the folder `from`, by it or a folder above, who has
   * none by `to`: what is moved between them gets new keys then.
   */
  endsAccess(
    change: Change,
    home: Handle,
    from: readonly string[],
    to: readonly string[],
  ): Promise<boolean>;
  moved(
    change: Change,
    home: Handle,
    from: readonly string[],
    to: readonly string[],
  ): Promise<void>;
  /** All capabilities at and below a path are others now; follows {@link moved}. */
  rekeyed(change: Change, home: Handle, path: readonly string[]): Promise<void>;
  removed(change: Change, home: Handle, path: readonly string[]): Promise<void>;
}
