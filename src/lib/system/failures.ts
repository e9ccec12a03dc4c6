/**
 * What the operating system says of files, in words that say what to do. The one list of them: the
 * command line and the node's commands both speak from here.
 */
import { EXIT } from './exit-codes.ts';

export interface SystemFailure {
  /** The system's own name, for instance `ENOSPC`. */
  readonly code: string;
  /** With the path, as far as the error tells; what is in it is not made harmless. */
  readonly message: string;
  readonly exitCode: number;
}

interface Words {
  readonly sentence: string;
  readonly advice?: string;
  readonly exitCode: number;
}

const WORDS: ReadonlyMap<string, Words> = new Map([
  [
    'ENOSPC',
    {
      sentence: 'The disk is full',
      advice: 'Make room on it and try again.',
      exitCode: EXIT.noRoom,
    },
  ],
  [
    'EDQUOT',
    {
      sentence: 'Your share of this disk is used up',
      advice: 'Make room on it and try again.',
      exitCode: EXIT.noRoom,
    },
  ],
  [
    'EFBIG',
    {
      sentence: 'A file may not become so large here',
      advice: 'The disk or a limit of this process (ulimit -f) forbids it.',
      exitCode: EXIT.noRoom,
    },
  ],
  ['EROFS', { sentence: 'This disk can only be read', exitCode: EXIT.refused }],
  ['EACCES', { sentence: 'This may not be read or written', exitCode: EXIT.refused }],
  ['EPERM', { sentence: 'This may not be read or written', exitCode: EXIT.refused }],
  ['ENOENT', { sentence: 'There is no such file', exitCode: EXIT.notFound }],
  ['ENOTDIR', { sentence: 'A part of this path is not a folder', exitCode: EXIT.notFound }],
  ['EISDIR', { sentence: 'This is a folder', exitCode: EXIT.failed }],
  ['EEXIST', { sentence: 'This exists already', exitCode: EXIT.exists }],
  ['ENOTEMPTY', { sentence: 'This folder is not empty', exitCode: EXIT.exists }],
  ['ELOOP', { sentence: 'These links lead round in a circle', exitCode: EXIT.failed }],
  ['EMLINK', { sentence: 'There are too many links to this', exitCode: EXIT.failed }],
  ['ENAMETOOLONG', { sentence: 'This name is too long for the disk', exitCode: EXIT.failed }],
  ['EILSEQ', { sentence: 'The disk takes no such name', exitCode: EXIT.failed }],
  ['EINVAL', { sentence: 'The disk takes no such name or value', exitCode: EXIT.failed }],
  [
    'EMFILE',
    {
      sentence: 'This process has as many files open as it may',
      advice: 'Raise the limit (ulimit -n).',
      exitCode: EXIT.failed,
    },
  ],
  ['ENFILE', { sentence: 'This machine has as many files open as it may', exitCode: EXIT.failed }],
  [
    'EIO',
    {
      sentence: 'The disk fails to read or write',
      advice: 'It may be broken, or was taken out.',
      exitCode: EXIT.failed,
    },
  ],
  ['ENXIO', { sentence: 'The device is not there', exitCode: EXIT.failed }],
  ['ENODEV', { sentence: 'The device is not there', exitCode: EXIT.failed }],
  ['ESTALE', { sentence: 'The folder of another machine went away', exitCode: EXIT.failed }],
  ['EBUSY', { sentence: 'Another program uses this', exitCode: EXIT.failed }],
  ['ETXTBSY', { sentence: 'Another program uses this', exitCode: EXIT.failed }],
  ['EXDEV', { sentence: 'This lies on another disk', exitCode: EXIT.failed }],
  ['ENOMEM', { sentence: 'This machine has no memory left', exitCode: EXIT.failed }],
  ['ENOTSUP', { sentence: 'The disk cannot do this', exitCode: EXIT.failed }],
  ['EOPNOTSUPP', { sentence: 'The disk cannot do this', exitCode: EXIT.failed }],
  ['ENOSYS', { sentence: 'This system cannot do this', exitCode: EXIT.failed }],
  ['ERR_FS_FILE_TOO_LARGE', { sentence: 'This file is too large', exitCode: EXIT.failed }],
]);

/** Words for what the system threw; `undefined` if it is not of this kind. */
export function describeSystemError(error: unknown): SystemFailure | undefined {
  const code = codeOf(error);
  const words = code === undefined ? undefined : WORDS.get(code);
  if (code === undefined || words === undefined) return undefined;
  const { sentence, advice, exitCode } = words;
  const { path } = error as { readonly path?: unknown };
  const where = typeof path === 'string' ? `: ${path}` : '';
  const message = `${sentence}${where}.${advice === undefined ? '' : ` ${advice}`}`;
  return { code, message, exitCode };
}

/** What a name such as `ENOSPC` means, without a path and a full stop. */
export function systemSentence(code: string): string | undefined {
  return WORDS.get(code)?.sentence;
}

/** The system's name of what was thrown. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}
