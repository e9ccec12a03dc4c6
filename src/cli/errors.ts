/** What a script learns from a failed command: a sentence, a name and an exit code. */
import { PyrgosError } from '#lib/bytes/index.ts';

/** Exit codes of the command line, by kind of failure. */
export const EXIT = {
  done: 0,
  failed: 1,
  misused: 2,
  refused: 3,
  notFound: 4,
  exists: 5,
  noRoom: 6,
  unreachable: 7,
  damaged: 8,
  interrupted: 130,
} as const;

/** The command was called in a way it does not understand. */
export class Misused extends PyrgosError {
  override readonly name = 'Misused';
}

/** Something is there already, and nothing said what to do about it. */
export class LocalExists extends PyrgosError {
  override readonly name = 'LocalExists';
  constructor(path: string, options?: ErrorOptions) {
    super(`${path} exists already. Remove it, or use --force where there is one.`, options);
  }
}

const CODES = new Map<string, number>([
  ['Misused', EXIT.misused],
  ['WrongPassword', EXIT.refused],
  ['UnknownUser', EXIT.refused],
  ['UserDeleted', EXIT.refused],
  ['SecondFactorNeeded', EXIT.refused],
  ['SecondFactorRefused', EXIT.refused],
  ['SignUpClosed', EXIT.refused],
  ['PasswordRefused', EXIT.refused],
  ['NotWritable', EXIT.refused],
  ['Unauthorised', EXIT.refused],
  ['IdentityChanged', EXIT.refused],
  ['PathNotFound', EXIT.notFound],
  ['NotADirectory', EXIT.notFound],
  ['NotAFile', EXIT.notFound],
  ['NameExists', EXIT.exists],
  ['NameTaken', EXIT.exists],
  ['LocalExists', EXIT.exists],
  ['AccountExists', EXIT.exists],
  ['QuotaExceeded', EXIT.noRoom],
  ['StoreFull', EXIT.noRoom],
  ['NodeUnreachable', EXIT.unreachable],
  ['RateLimited', EXIT.unreachable],
  ['FolderInUse', EXIT.unreachable],
  ['StoreUnavailable', EXIT.unreachable],
  ['FileDamaged', EXIT.damaged],
  ['FolderDamaged', EXIT.damaged],
  ['DanglingEntry', EXIT.damaged],
  ['DamagedBlock', EXIT.damaged],
  ['BlockMissing', EXIT.damaged],
  ['AccountDamaged', EXIT.damaged],
  ['MalformedDescription', EXIT.damaged],
  ['MalformedArchive', EXIT.damaged],
  ['TruncatedArchive', EXIT.damaged],
  ['DuplicateBlock', EXIT.damaged],
  ['IncompleteArchive', EXIT.damaged],
]);

export interface Failure {
  readonly name: string;
  readonly message: string;
  readonly exitCode: number;
}

const LOCAL_SENTENCES = new Map([
  ['ENOENT', 'There is no such file'],
  ['EACCES', 'This may not be read or written'],
  ['EPERM', 'This may not be read or written'],
  ['ENOSPC', 'The disk is full'],
  ['EISDIR', 'This is a folder'],
  ['ENOTDIR', 'Part of this path is not a folder'],
  ['EROFS', 'The disk can only be read'],
  ['EPIPE', 'The reader of the output went away'],
]);

/** Describes what was thrown; never shows a stack or a value. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof PyrgosError) {
    const exitCode = CODES.get(error.name) ?? EXIT.failed;
    return { name: error.name, message: error.message, exitCode };
  }
  if (error instanceof DOMException && error.name === 'AbortError') {
    return { name: 'Interrupted', message: 'Interrupted.', exitCode: EXIT.interrupted };
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
    const sentence = LOCAL_SENTENCES.get(error.code);
    const path = 'path' in error && typeof error.path === 'string' ? `: ${error.path}` : '';
    if (sentence !== undefined) {
      return { name: error.code, message: `${sentence}${path}.`, exitCode: EXIT.failed };
    }
  }
  const name = error instanceof Error ? error.name : 'Error';
  return { name, message: 'Something unexpected went wrong.', exitCode: EXIT.failed };
}
