/**
 * An error as a sentence. Everything the client throws on purpose is a named error whose message
 * was written for a person; anything else is a bug, and says no more than that.
 */
import { m } from '../text/messages.ts';

/** Names JavaScript itself gives; a person can do nothing with their messages. */
const BUGS = new Set(['Error', 'TypeError', 'RangeError', 'ReferenceError', 'SyntaxError']);

export function describeError(error: unknown): string {
  const name = nameOf(error);
  if (name !== '' && !BUGS.has(name) && messageOf(error) !== '') return messageOf(error);
  return m.error_unexpected();
}

export function nameOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '';
}

/** True when the work was called off by us: nothing to tell. */
export function isAbort(error: unknown): boolean {
  return nameOf(error) === 'AbortError';
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : '';
}
