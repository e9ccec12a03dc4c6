/** What a node that answers does not take. Trying the same again is of no use before something changes. */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { ErrorKind } from '#lib/bytes/index.ts';

/** Files changed on this device that the node refuses; they stay pending. */
export class ChangesRefused extends PyrgosError {
  override readonly name = 'ChangesRefused';
  override readonly kind: ErrorKind;
  readonly names: readonly string[];

  /** `cause`: what the node said. */
  constructor(names: readonly string[], cause: PyrgosError) {
    super(cause.message, { cause });
    this.kind = cause.kind;
    this.names = names;
  }
}

const REFUSALS: ReadonlySet<ErrorKind> = new Set(['refused', 'quota', 'invalid']);

export function isRefusal(error: unknown): error is PyrgosError {
  return error instanceof PyrgosError && REFUSALS.has(error.kind);
}
