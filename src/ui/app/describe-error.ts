/**
 * An error as a sentence. Everything the client throws on purpose is a named error whose message
 * was written for a person; anything else is a bug, and says no more than that.
 */
import type { ErrorKind } from '#lib/client/index.ts';
import { m } from '../text/messages.ts';

export function describeError(error: unknown): string {
  const isForPeople = kindOf(error) !== 'bug' && messageOf(error) !== '';
  return isForPeople ? messageOf(error) : m.error_unexpected();
}

/** What is none of ours is a bug, unless the browser itself says why it did not do something. */
export function kindOf(error: unknown): ErrorKind {
  if (error instanceof DOMException) return error.name === 'AbortError' ? 'cancelled' : 'refused';
  return typeof error === 'object' && error !== null && 'kind' in error
    ? (error.kind as ErrorKind)
    : 'bug';
}

export function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '';
}

/** True when the work was cancelled by us: nothing to tell. */
export function isAbort(error: unknown): boolean {
  return nameOf(error) === 'AbortError';
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : '';
}
