/** What can go wrong with a writing space. */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';

/**
 * A block is not where it should be. On an older snapshot it may have been collected after the
 * state moved on (A-10 §6): {@link readConsistently} begins again then.
 */
export class BlockMissing extends PyrgosError {
  override readonly name: string = 'BlockMissing';
  override readonly kind = 'damaged';
  readonly cid: Cid;

  constructor(cid: Cid) {
    super('A piece of the stored data is missing.');
    this.cid = cid;
  }
}

/** The same thing was changed elsewhere and the changes cannot be put together. Nothing was written. */
export class WriteConflict extends PyrgosError {
  override readonly name: string = 'WriteConflict';
  override readonly kind = 'conflict';
  constructor(options?: ErrorOptions) {
    super('This was changed elsewhere at the same time. Please try again.', options);
  }
}

/** The writing space was deleted, or never begun. */
export class NoSuchSpace extends PyrgosError {
  override readonly name: string = 'NoSuchSpace';
  override readonly kind = 'not-found';
}

/** A commit that has ended, well or badly, was used again. */
export class CommitSpent extends PyrgosError {
  override readonly name: string = 'CommitSpent';
  override readonly kind = 'bug';
}

/** The node acknowledged other blocks than it was sent. */
export class WrongAcknowledgement extends PyrgosError {
  override readonly name: string = 'WrongAcknowledgement';
  override readonly kind = 'damaged';
}

/** What a key is said to be owned by does not own it (A-6 §6). */
export class NotOwned extends PyrgosError {
  override readonly name: string = 'NotOwned';
  override readonly kind = 'damaged';
}
