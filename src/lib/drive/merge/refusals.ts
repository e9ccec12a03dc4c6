/** What a node that answers does not take. Trying the same again is of no use before something changes. */
import { PyrgosError } from '#lib/bytes/index.ts';
import {
  BlockTooBig,
  MalformedRequest,
  PointerRefused,
  QuotaExceeded,
  RateLimited,
  UnknownWriter,
  WrongSignature,
} from '#lib/protocol/index.ts';

/** Files that were changed here and that the node does not take; they wait still. */
export class ChangesRefused extends PyrgosError {
  override readonly name = 'ChangesRefused';
  readonly names: readonly string[];

  /** `cause`: what the node said. */
  constructor(names: readonly string[], cause: PyrgosError) {
    super(cause.message, { cause });
    this.names = names;
  }
}

export function isRefusal(error: unknown): error is PyrgosError {
  return (
    error instanceof QuotaExceeded ||
    (error instanceof RateLimited && error.limit === 'uploads') ||
    error instanceof PointerRefused ||
    error instanceof WrongSignature ||
    error instanceof UnknownWriter ||
    error instanceof BlockTooBig ||
    error instanceof MalformedRequest
  );
}
