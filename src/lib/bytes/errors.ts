/**
 * The kinds of errors, for their handlers. The kind decides exit codes, whether trying again
 * is of use, and what a screen does; the name tells one error from another.
 *
 * - `not-found`: what was asked for is not there
 * - `conflict`: something is there already, or was changed elsewhere meanwhile
 * - `refused`: a password, a right or a rule is against it
 * - `quota`: there is no room left
 * - `offline`: no answer, or an answer that only says to try later
 * - `damaged`: stored bytes are missing or break their format
 * - `invalid`: it was asked in a way that is never possible
 * - `cancelled`: the caller cancelled it
 * - `bug`: none of this; a person can do nothing about it
 */
export const ERROR_KINDS = [
  'not-found',
  'conflict',
  'refused',
  'quota',
  'offline',
  'damaged',
  'invalid',
  'cancelled',
  'bug',
] as const;

export type ErrorKind = (typeof ERROR_KINDS)[number];

/**
 * The root of every error this project names.
 *
 * A subclass sets `name` and `kind` itself: a minifier renames classes, and errors cross worker
 * borders by both. No two have the same name. The message is a sentence for a person and never holds
 * a secret.
 */
export class PyrgosError extends Error {
  override readonly name: string = 'PyrgosError';
  readonly kind: ErrorKind = 'bug';
}

/** The kind of whatever was thrown. What is none of our errors is a bug, or was cancelled. */
export function kindOf(error: unknown): ErrorKind {
  if (error instanceof PyrgosError) return error.kind;
  return error instanceof Error && error.name === 'AbortError' ? 'cancelled' : 'bug';
}

/** Text or bytes in one of the encodings of this room (hex, base58, multibase, varint, UTF-8) were refused. */
export class MalformedBytes extends PyrgosError {
  override readonly name: string = 'MalformedBytes';
  override readonly kind = 'invalid';
}
