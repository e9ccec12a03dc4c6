/**
 * What a command could not do while it did the rest: named with its whole path, and in the exit code.
 */
import { kindOf } from '#lib/bytes/index.ts';
import type { ErrorKind } from '#lib/bytes/index.ts';
import { AccountIncomplete } from '#lib/account/index.ts';
import { BadFileName } from '#lib/cryptree/index.ts';
import type { LeftOut as DamagedEntry, NameFault } from '#lib/drive/index.ts';
import { codeOf, describeSystemError, ShortWrite } from '#lib/system/index.ts';
import { type Call } from './command.ts';
import { describeFailure, EXIT, PartlyDone } from './errors.ts';
import { warn } from './io.ts';
import { showPath } from './paths.ts';
import { isSet } from './values.ts';

/** One entry, with everything below it. */
export interface LeftOut {
  /** As it is to be shown. */
  readonly path: string;
  readonly error: Error;
}

/** The rest was done; each that was not has been named. */
class Incomplete extends PartlyDone {
  override readonly name = 'Incomplete';
  override readonly kind = 'refused';
  override readonly exitCode = EXIT.partial;
}

/** A name that the other side does not take. */
export function badLocalName(fault: NameFault, where: 'disk' | 'drive'): BadFileName {
  return new BadFileName(`${FAULTS[fault]}, so the ${where} does not take it. Use --map-names.`);
}

/** A name of bytes that are no text. */
export function nameIsNoText(): BadFileName {
  return new BadFileName('The name is no UTF-8 text. Rename it, or use --map-names.');
}

const FAULTS: Readonly<Record<NameFault, string>> = {
  empty: 'The name is empty',
  dots: 'The name leads elsewhere',
  control: 'There is a control character in the name, such as a line break',
  character: 'There is a character in the name that means something else',
  'half-character': 'There is half of a character in the name',
  reserved: 'The name belongs to a device',
  ending: 'The name ends in a dot or a blank',
  length: 'The name is too long',
};

/** What a single entry may fail with while others succeed. */
const SYSTEM_CODES_OF_ONE_ENTRY: ReadonlySet<string> = new Set([
  ...['EACCES', 'EBUSY', 'EEXIST', 'EFBIG', 'EILSEQ', 'EINVAL', 'EISDIR', 'ELOOP', 'EMLINK'],
  ...['ENAMETOOLONG', 'ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'ENXIO', 'EPERM', 'ETXTBSY'],
]);

const KINDS_OF_ONE_ENTRY: ReadonlySet<ErrorKind> = new Set(['conflict', 'damaged', 'invalid']);

/** Whether going on with other entries is of no use. */
export function isFatal(error: unknown): boolean {
  if (error instanceof ShortWrite || KINDS_OF_ONE_ENTRY.has(kindOf(error))) return false;
  return !SYSTEM_CODES_OF_ONE_ENTRY.has(codeOf(error) ?? '');
}

/** `{--skip-bad, --map-names}`, for commands that go over whole folders. */
export const BAD_ENTRY_OPTIONS = {
  'skip-bad': { type: 'boolean' },
  'map-names': { type: 'boolean' },
} as const;

/** Says which entries were left out, each with its reason. */
export function nameLeftOut(call: Call, leftOut: readonly LeftOut[], verb: string): void {
  for (const { path, error } of leftOut) {
    const { name, message } = describeFailure(error);
    warn(call, `${path} was not ${verb}: ${message}`, { path, reason: name });
  }
}

/**
 * Names what was left out. Throws if anything was: what is damaged as such, else {@link Incomplete},
 * unless `--skip-bad` allows it.
 */
export function tellLeftOut(
  call: Call,
  leftOut: readonly LeftOut[],
  verb: string,
  isOnlyOne = false,
): void {
  const [first] = leftOut;
  const isWorded = first !== undefined && describeSystemError(first.error) !== undefined;
  // The one thing that was asked for: it has failed, and nothing is incomplete.
  if (isOnlyOne && isWorded) throw first.error;
  nameLeftOut(call, leftOut, verb);
  if (isOnlyOne && first !== undefined) throw first.error;
  const damaged = leftOut.find(({ error }) => kindOf(error) === 'damaged');
  if (damaged !== undefined) throw damaged.error;
  if (leftOut.length === 0 || isSet(call, 'skip-bad')) return;
  const what = leftOut.length === 1 ? 'One entry was' : `${leftOut.length} entries were`;
  throw new Incomplete(`${what} not ${verb}; everything else was.`);
}

/** What keeps an account from being taken along is named, file by file, before the failure itself. */
export async function namingDamage<T>(
  call: Call,
  username: string,
  verb: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AccountIncomplete) nameDamaged(call, username, verb, error.damaged);
    throw error;
  }
}

/** Names files and folders of an account by their paths from the home down. */
export function nameDamaged(
  call: Call,
  username: string,
  verb: string,
  damaged: readonly DamagedEntry[],
): void {
  const named = damaged.map(({ path, error }) => ({
    path: showPath([username, ...path], username),
    error,
  }));
  nameLeftOut(call, named, verb);
}
