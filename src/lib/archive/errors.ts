/** What can be wrong with an archive of an account. Its files come from anywhere: hostile. */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { ErrorKind } from '#lib/bytes/index.ts';
import { MalformedArchive } from '#lib/car/index.ts';
import type { Cid } from '#lib/codec/index.ts';

/** The same block stands in the file twice. */
export class DuplicateBlock extends MalformedArchive {
  override readonly name: string = 'DuplicateBlock';
  override readonly kind = 'damaged';
}

/** The description beside the blocks (`node.json`) cannot be read. */
export class MalformedDescription extends PyrgosError {
  override readonly name: string = 'MalformedDescription';
  override readonly kind = 'damaged';
}

/** Blocks or pointers the account consists of are not in the archive. */
export class IncompleteArchive extends PyrgosError {
  override readonly name: string = 'IncompleteArchive';
  override readonly kind = 'damaged';
}

/** The account was changed while it was being copied. */
export class AccountChanging extends PyrgosError {
  override readonly name: string = 'AccountChanging';
  override readonly kind = 'conflict';
  constructor(options?: ErrorOptions) {
    super('The account changed while it was being copied. Please try again.', options);
  }
}

/** Blocks of an account are missing or damaged where it is, and nothing changed meanwhile. */
export class BlocksLost extends PyrgosError {
  override readonly name: string = 'BlocksLost';
  override readonly kind = 'damaged';
  readonly blocks: readonly Cid[];
  constructor(blocks: readonly Cid[]) {
    const more = blocks.length > 1 ? ` and ${blocks.length - 1} more` : '';
    super(`Block ${blocks[0]?.toString()}${more} of this account is missing or damaged.`);
    this.blocks = blocks;
  }
}

/** The name belongs to another identity than the one signed in. */
export class NotTheOwner extends PyrgosError {
  override readonly name: string = 'NotTheOwner';
  override readonly kind = 'refused';
}

/** This very account is here already, in another state. Nothing was changed. */
export class AccountExists extends PyrgosError {
  override readonly name: string = 'AccountExists';
  override readonly kind = 'conflict';
}

/** An archive with several faults; called by the name of the first. */
export class SeveralFaults extends PyrgosError {
  override readonly name: string;
  override readonly kind: ErrorKind;
  readonly faults: readonly PyrgosError[];
  constructor(faults: readonly [PyrgosError, ...PyrgosError[]], count: number) {
    const [first] = faults;
    super(`${first.message} In all ${count} parts of the account are missing or damaged.`, {
      cause: first,
    });
    this.name = first.name;
    this.kind = first.kind;
    this.faults = faults;
  }
}
