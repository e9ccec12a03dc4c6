/** What a script learns from a failed command: a sentence, a name and an exit code. */
import { AccountChanged } from '#lib/account/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import type { ErrorKind } from '#lib/bytes/index.ts';
import { MalformedAnswer, NodeUnreachable, SignUpClosed } from '#lib/protocol/index.ts';
import { codeOf, describeSystemError, EXIT } from '#lib/system/index.ts';
import { whyUnreachable } from './reasons.ts';
import { showName } from './text.ts';

export { EXIT };

/** The command was called in a way it does not understand. */
export class Misused extends PyrgosError {
  override readonly name = 'Misused';
  override readonly kind = 'invalid';
}

/** Something is there already, and nothing said what to do about it. */
export class LocalExists extends PyrgosError {
  override readonly name = 'LocalExists';
  override readonly kind = 'conflict';

  static at(path: string, options?: ErrorOptions): LocalExists {
    const ways = 'Remove it, or use --force where there is one.';
    return new LocalExists(`${path} exists already. ${ways}`, options);
  }
}

/** A file or folder of this disk is not there. */
export class NoSuchFile extends PyrgosError {
  override readonly name = 'NoSuchFile';
  override readonly kind = 'not-found';
}

/** Something of what was asked for was done; the rest has been named, each with its reason. */
export abstract class PartlyDone extends PyrgosError {
  abstract readonly exitCode: number;
}

/** Some of the lines that the shell was given failed; each has said why. */
export class CommandsFailed extends PartlyDone {
  override readonly name = 'CommandsFailed';
  override readonly kind = 'refused';
  override readonly exitCode = EXIT.failed;
}

const CODES: Readonly<Record<ErrorKind, number>> = {
  'not-found': EXIT.notFound,
  conflict: EXIT.exists,
  refused: EXIT.refused,
  quota: EXIT.noRoom,
  offline: EXIT.unreachable,
  damaged: EXIT.damaged,
  invalid: EXIT.misused,
  cancelled: EXIT.interrupted,
  bug: EXIT.failed,
};

export interface Failure {
  readonly name: string;
  /** One line that any terminal may show, whatever names are in it. */
  readonly message: string;
  readonly exitCode: number;
}

/** Describes what was thrown; never shows a stack or a value. */
export function describeFailure(error: unknown): Failure {
  if (error instanceof PyrgosError) {
    const exitCode = error instanceof PartlyDone ? error.exitCode : CODES[error.kind];
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
    const message = 'The program that read the output has ended.';
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
  if (error instanceof NodeUnreachable) return `${error.message}${whyUnreachable(error)}`;
  if (error instanceof SignUpClosed) {
    return `${error.message} An invitation goes into --token or PYRGOS_TOKEN.`;
  }
  if (error instanceof AccountChanged) return `${error.message} Then give --accept-change.`;
  if (error instanceof MalformedAnswer) {
    return `${error.message} Is this the address of a node?`;
  }
  return error.message;
}
