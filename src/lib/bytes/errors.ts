/**
 * The root of every error this project names.
 *
 * A subclass sets `name` itself, because a minifier renames classes and errors cross worker
 * borders by name. The message is a sentence for a person and never holds a secret.
 */
export class PyrgosError extends Error {
  override readonly name: string = 'PyrgosError';
}

/** Text or bytes in one of the encodings of this room (hex, base58, multibase, varint, UTF-8) were refused. */
export class MalformedBytes extends PyrgosError {
  override readonly name: string = 'MalformedBytes';
}
