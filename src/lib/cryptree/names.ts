/**
 * Names of files and directories (A-8 §6).
 *
 * Two rules on purpose. What is *read* must only be storable: the protocol's own rule, because a
 * name another client wrote must still be listed. What a person *gives* must also be printable, so
 * that no name made here can hide or disguise itself. Neither rule knows the names of JavaScript's
 * own objects (`constructor`, `__proto__`): those are ordinary names, kept in `Map`s.
 */
import { NAME_MAX_UNITS } from '#lib/codec/index.ts';
import { BadFileName } from './errors.ts';

// C0, DEL and C1: they move cursors, end lines and cut strings in the programs a name passes through.
// eslint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/u;

/** Throws {@link BadFileName} unless `name` may be given to a new or renamed file or directory. */
export function checkName(name: string): void {
  checkStorableName(name);
  if (CONTROL_CHARACTER.test(name)) {
    throw new BadFileName('A name cannot contain control characters such as line breaks.');
  }
  if (!name.isWellFormed()) throw new BadFileName('The name contains half of a character.');
}

/** Throws {@link BadFileName} for what the protocol refuses in a block: the rule for reading. */
export function checkStorableName(name: string): void {
  if (name.length === 0) throw new BadFileName('A name cannot be empty.');
  if (name.length > NAME_MAX_UNITS) {
    throw new BadFileName(`A name cannot be longer than ${NAME_MAX_UNITS} characters.`);
  }
  if (name.includes('/')) throw new BadFileName('A name cannot contain “/”.');
  if (name === '.' || name === '..') throw new BadFileName(`“${name}” cannot be used as a name.`);
}
