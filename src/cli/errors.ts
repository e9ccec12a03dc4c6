/** What a script learns from a failed command: a sentence, a name and an exit code. */
import { PyrgosError } from '#lib/bytes/index.ts';
import { whyUnreachable } from './reasons.ts';
import { showName } from './text.ts';

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
  /** As a program that dies of it: whoever read the output has what he wanted. */
  readerGone: 141,
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

/** A name in the drive is taken, and nothing said what to do about it. */
export class Taken extends PyrgosError {
  override readonly name = 'NameExists';
}

/** A file or folder of this disk is not there. */
export class NoSuchFile extends PyrgosError {
  override readonly name = 'NoSuchFile';
}

/** What is to be stored is more than there is room for. */
export class NoRoom extends PyrgosError {
  override readonly name = 'QuotaExceeded';
}

/** Some of the lines that the shell was given failed; each has said why. */
export class CommandsFailed extends PyrgosError {
  override readonly name = 'CommandsFailed';
}

const CODES = new Map<string, number>([
  ['Misused', EXIT.misused],
  ['BadFileName', EXIT.misused],
  ['BadName', EXIT.misused],
  ['MoveIntoItself', EXIT.misused],
  ['NameReserved', EXIT.misused],
  ['SystemFolderKept', EXIT.misused],
  ['WrongPassword', EXIT.refused],
  ['UnknownUser', EXIT.refused],
  ['UserDeleted', EXIT.refused],
  ['SecondFactorNeeded', EXIT.refused],
  ['SecondFactorRefused', EXIT.refused],
  ['SignUpClosed', EXIT.refused],
  ['PasswordRefused', EXIT.refused],
  ['NotWritable', EXIT.refused],
  ['ReadOnlyCapability', EXIT.refused],
  ['Unauthorised', EXIT.refused],
  ['IdentityChanged', EXIT.refused],
  ['MoveRefused', EXIT.refused],
  ['NotTheOwner', EXIT.refused],
  ['StaleClock', EXIT.refused],
  ['WrongHost', EXIT.refused],
  ['PathNotFound', EXIT.notFound],
  ['NotADirectory', EXIT.notFound],
  ['NotAFile', EXIT.notFound],
  ['NoSuchFile', EXIT.notFound],
  ['NameExists', EXIT.exists],
  ['NameTaken', EXIT.exists],
  ['LocalExists', EXIT.exists],
  ['AccountExists', EXIT.exists],
  ['QuotaExceeded', EXIT.noRoom],
  ['StoreFull', EXIT.noRoom],
  ['NodeUnreachable', EXIT.unreachable],
  ['MalformedAnswer', EXIT.unreachable],
  ['RateLimited', EXIT.unreachable],
  ['FolderInUse', EXIT.unreachable],
  ['StoreUnavailable', EXIT.unreachable],
  ['FileDamaged', EXIT.damaged],
  ['FolderDamaged', EXIT.damaged],
  ['DanglingEntry', EXIT.damaged],
  ['DamagedBlock', EXIT.damaged],
  ['DamagedNode', EXIT.damaged],
  ['TruncatedChunk', EXIT.damaged],
  ['BlockMissing', EXIT.damaged],
  ['AccountDamaged', EXIT.damaged],
  ['BadClaimChain', EXIT.damaged],
  ['MalformedAccount', EXIT.damaged],
  ['MalformedDescription', EXIT.damaged],
  ['MalformedArchive', EXIT.damaged],
  ['TruncatedArchive', EXIT.damaged],
  ['DuplicateBlock', EXIT.damaged],
  ['IncompleteArchive', EXIT.damaged],
  ['PointerRolledBack', EXIT.damaged],
]);

export interface Failure {
  readonly name: string;
  /** One line that any terminal may show, whatever names are in it. */
  readonly message: string;
  readonly exitCode: number;
}

/** What the operating system says of a file, as a sentence about it. */
const LOCAL: ReadonlyMap<string, readonly [sentence: string, exitCode: number]> = new Map([
  ['ENOENT', ['There is no such file', EXIT.notFound]],
  ['EACCES', ['This may not be read or written', EXIT.refused]],
  ['EPERM', ['This may not be read or written', EXIT.refused]],
  ['EROFS', ['This disk can only be read', EXIT.refused]],
  ['ENOSPC', ['The disk is full', EXIT.noRoom]],
  ['EDQUOT', ['The disk is full', EXIT.noRoom]],
  ['EISDIR', ['This is a folder', EXIT.failed]],
  ['ENOTDIR', ['A part of this path is not a folder', EXIT.notFound]],
  ['EEXIST', ['This exists already', EXIT.exists]],
  ['ELOOP', ['These links lead round in a circle', EXIT.failed]],
  ['ENAMETOOLONG', ['This name is too long for the disk', EXIT.failed]],
  ['EMFILE', ['This process may not open as many files', EXIT.failed]],
  ['EIO', ['The disk fails', EXIT.failed]],
]);

/** Describes what was thrown; never shows a stack or a value. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof PyrgosError) {
    const exitCode = CODES.get(error.name) ?? EXIT.failed;
    return { name: error.name, message: showName(sentenceOf(error)), exitCode };
  }
  // A signal throws a DOMException, a prompt that is left by Ctrl-C or Ctrl-D an error of Node's.
  if (error instanceof Error && error.name === 'AbortError') {
    return { name: 'Interrupted', message: 'Interrupted.', exitCode: EXIT.interrupted };
  }
  return describeLocal(error) ?? unexpected(error);
}

function describeLocal(error: unknown): Failure | undefined {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return;
  const { code } = error;
  if (code === 'EPIPE') {
    const message = 'Whoever read the output went away.';
    return { name: code, message, exitCode: EXIT.readerGone };
  }
  const [sentence, exitCode] = LOCAL.get(code) ?? [];
  if (sentence === undefined || exitCode === undefined) return;
  const path = 'path' in error && typeof error.path === 'string' ? `: ${error.path}` : '';
  return { name: code, message: showName(`${sentence}${path}.`), exitCode };
}

function unexpected(error: unknown): Failure {
  const name = error instanceof Error ? error.name : 'Error';
  return { name, message: 'Something unexpected went wrong.', exitCode: EXIT.failed };
}

/** With what a person at a terminal can do about it. */
function sentenceOf(error: PyrgosError): string {
  if (error.name === 'NodeUnreachable') return `${error.message}${whyUnreachable(error)}`;
  if (error.name === 'SignUpClosed') {
    return `${error.message} An invitation goes into --token or PYRGOS_TOKEN.`;
  }
  if (error.name === 'MalformedAnswer') {
    return `${error.message} Is this the address of a node?`;
  }
  return error.message;
}
