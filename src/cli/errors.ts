/** What a script learns from a failed command: a sentence, a name and an exit code. */
import { AccountChanged } from '#lib/account/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import { codeOf, describeSystemError, EXIT } from '#lib/system/index.ts';
import { whyUnreachable } from './reasons.ts';
import { showName } from './text.ts';

export { EXIT };

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
  ['Incomplete', EXIT.partial],
  ['ShortWrite', EXIT.noRoom],
  ['BadFileName', EXIT.misused],
  ['BadName', EXIT.misused],
  ['MoveIntoItself', EXIT.misused],
  ['NameReserved', EXIT.misused],
  ['SystemFolderKept', EXIT.misused],
  ['WrongPassword', EXIT.refused],
  ['UnknownUser', EXIT.refused],
  ['UserDeleted', EXIT.refused],
  ['AccountAbsent', EXIT.refused],
  ['SecondFactorNeeded', EXIT.refused],
  ['SecondFactorRefused', EXIT.refused],
  ['SignUpClosed', EXIT.refused],
  ['PasswordRefused', EXIT.refused],
  ['NotWritable', EXIT.refused],
  ['ReadOnlyCapability', EXIT.refused],
  ['Unauthorised', EXIT.refused],
  ['IdentityChanged', EXIT.refused],
  ['IdentityReplaced', EXIT.refused],
  ['KnownAccountDamaged', EXIT.refused],
  ['PasswordWeakened', EXIT.refused],
  ['PasswordReplaced', EXIT.refused],
  ['HarshAlgorithm', EXIT.refused],
  ['MalformedBytes', EXIT.misused],
  ['MoveRefused', EXIT.refused],
  ['NotTheOwner', EXIT.refused],
  ['StaleClock', EXIT.refused],
  ['RequestRepeated', EXIT.refused],
  ['WrongHost', EXIT.refused],
  ['PathNotFound', EXIT.notFound],
  ['NotADirectory', EXIT.notFound],
  ['NotAFile', EXIT.notFound],
  ['NoSuchFile', EXIT.notFound],
  ['NameAmbiguous', EXIT.notFound],
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
  ['UnreadableEntry', EXIT.damaged],
  ['MoveIncomplete', EXIT.damaged],
  ['DamagedBlock', EXIT.damaged],
  ['DamagedNode', EXIT.damaged],
  ['TruncatedChunk', EXIT.damaged],
  ['BlockMissing', EXIT.damaged],
  ['AccountDamaged', EXIT.damaged],
  ['AccountIncomplete', EXIT.damaged],
  ['BlocksLost', EXIT.damaged],
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
  if (codeOf(error) === 'EPIPE') {
    const message = 'Whoever read the output went away.';
    return { name: 'EPIPE', message, exitCode: EXIT.readerGone };
  }
  const found = describeSystemError(error);
  if (found === undefined) return undefined;
  return { name: found.code, message: showName(found.message), exitCode: found.exitCode };
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
  if (error instanceof AccountChanged) return `${error.message} Then give --accept-change.`;
  if (error.name === 'MalformedAnswer') {
    return `${error.message} Is this the address of a node?`;
  }
  return error.message;
}
