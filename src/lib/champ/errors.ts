/** What can go wrong in a champ. */
import { PyrgosError } from '#lib/bytes/index.ts';

/** The value found under a key is not the one the caller expected (A-5 §4). Nothing was changed. */
export class ChampConflict extends PyrgosError {
  override readonly name: string = 'ChampConflict';
  override readonly kind = 'conflict';
}

/** The keys agree in so many bits that the tree would need more than 32 levels. Nothing was changed. */
export class ChampTooDeep extends PyrgosError {
  override readonly name: string = 'ChampTooDeep';
  override readonly kind = 'damaged';
}

/** A block is not a champ node. */
export class MalformedChamp extends PyrgosError {
  override readonly name: string = 'MalformedChamp';
  override readonly kind = 'damaged';
}

/** Both sides of a merge changed the same key: the operation has to be done again (A-5 §5). */
export class ConcurrentChange extends PyrgosError {
  override readonly name: string = 'ConcurrentChange';
  override readonly kind = 'conflict';
}

/** A tree that may only grow lacks an entry that it had. */
export class ChampShrunk extends PyrgosError {
  override readonly name: string = 'ChampShrunk';
  override readonly kind = 'refused';
  readonly key: Uint8Array;
  constructor(key: Uint8Array | undefined) {
    super('An entry was removed from a tree that may only grow.');
    this.key = key ?? new Uint8Array();
  }
}
