/** Whether a file was written to between two moments at which it was opened. */
import { equalBytes } from '#lib/bytes/index.ts';
import type { Handle } from './types.ts';

/**
 * A rename or a change of other properties makes a new node of the same content: every write to the
 * content sets the time of modification.
 */
export function isSameContent(a: Handle, b: Handle): boolean {
  if (a.node.cid.equals(b.node.cid)) return true;
  const [one, other] = [a.properties, b.properties];
  const [root, otherRoot] = [one.hashBranch?.root, other.hashBranch?.root];
  // Two writes can fall into one millisecond.
  if (root !== undefined && otherRoot !== undefined && !equalBytes(root, otherRoot)) return false;
  return (
    one.sizeBytes === other.sizeBytes &&
    one.modified.seconds === other.modified.seconds &&
    one.modified.nanos === other.modified.nanos
  );
}
