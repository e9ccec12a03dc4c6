/** What can go wrong with nodes and capabilities, each as a sentence for a person. No secret in any. */
import { PyrgosError } from '#lib/bytes/index.ts';

/** A name that may not be given to a file or folder, or that a block should not hold (A-8 §6). */
export class BadFileName extends PyrgosError {
  override readonly name: string = 'BadFileName';
  override readonly kind = 'invalid';
}

/** A capability, link, location or directory entry that cannot be read. */
export class MalformedCapability extends PyrgosError {
  override readonly name: string = 'MalformedCapability';
  override readonly kind = 'damaged';
}

/** A node or file chunk whose content breaks the format, although its key opens it. */
export class DamagedNode extends PyrgosError {
  override readonly name: string = 'DamagedNode';
  override readonly kind = 'damaged';
}

/** The key does not open this node: a stale or foreign capability, or an altered block. */
export class WrongKey extends PyrgosError {
  override readonly name: string = 'WrongKey';
  override readonly kind = 'damaged';
}

/** The decrypted data end before the length they announce. */
export class TruncatedChunk extends PyrgosError {
  override readonly name: string = 'TruncatedChunk';
  override readonly kind = 'damaged';
}

/** The signing key found for a node is not the one of its writing space (A-7 §6). */
export class WrongSigner extends PyrgosError {
  override readonly name: string = 'WrongSigner';
  override readonly kind = 'damaged';
}

/** The capability gives no right to write here. */
export class ReadOnlyCapability extends PyrgosError {
  override readonly name: string = 'ReadOnlyCapability';
  override readonly kind = 'refused';
}

/** Data under a key kept across a rotation must be cleaned before they are changed (A-8 §10). */
export class DirtyData extends PyrgosError {
  override readonly name: string = 'DirtyData';
  override readonly kind = 'bug';
}

/** More entries than one directory chunk or one link node holds (A-8 §8, §9). */
export class TooManyChildren extends PyrgosError {
  override readonly name: string = 'TooManyChildren';
  override readonly kind = 'bug';
}

// These say more than any failure they could be wrapped in.
const PASSED_ON = [BadFileName, WrongKey, TruncatedChunk] as const;

/** Runs `read`; any failure of the rooms below becomes an error of this room with the same sentence. */
export function reading<T>(
  Failure: new (message: string, options?: ErrorOptions) => PyrgosError,
  read: () => T,
): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof Failure || PASSED_ON.some((Kind) => error instanceof Kind)) throw error;
    if (error instanceof PyrgosError) throw new Failure(error.message, { cause: error });
    throw error;
  }
}
