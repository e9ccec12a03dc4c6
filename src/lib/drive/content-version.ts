/** Whether a file was written to between two moments at which it was opened (A-9 §4). */
import { equalBytes } from '#lib/bytes/index.ts';
import type { FileProperties } from '#lib/cryptree/index.ts';

/**
 * Every write to the content sets the time of modification; a rename or a change of other properties
 * does not.
 */
export function isSameContent(a: FileProperties, b: FileProperties): boolean {
  const [root, otherRoot] = [a.hashBranch?.root, b.hashBranch?.root];
  // Two writes can fall into one millisecond.
  if (root !== undefined && otherRoot !== undefined && !equalBytes(root, otherRoot)) return false;
  return (
    a.sizeBytes === b.sizeBytes &&
    BigInt(a.modified.seconds) === BigInt(b.modified.seconds) &&
    a.modified.nanos === b.modified.nanos
  );
}
