/** Why a document is not shown. */
import { PyrgosError } from '#lib/bytes/index.ts';

/** The document breaks its format. */
export class DamagedDocument extends PyrgosError {
  override readonly name = 'DamagedDocument';
  override readonly kind = 'damaged';
}

/** The document is larger than a frame can hold. */
export class DocumentTooLarge extends PyrgosError {
  override readonly name = 'DocumentTooLarge';
  override readonly kind = 'refused';
}

/** The document can be opened only with a password or a licence. */
export class DocumentProtected extends PyrgosError {
  override readonly name = 'DocumentProtected';
  override readonly kind = 'refused';
}
