/** What can be wrong with a CAR file, which comes from anywhere: hostile. */
import { PyrgosError } from '#lib/bytes/index.ts';

/** Not a CAR file, or one that breaks the rules of its format. */
export class MalformedArchive extends PyrgosError {
  override readonly name: string = 'MalformedArchive';
  override readonly kind = 'damaged';
}

/** The file ends in the middle of something. */
export class TruncatedArchive extends MalformedArchive {
  override readonly name: string = 'TruncatedArchive';
  override readonly kind = 'damaged';
  constructor() {
    super('The block file ends too early: a part of it is missing.');
  }
}
