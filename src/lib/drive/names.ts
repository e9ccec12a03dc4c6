/**
 * Names for copies (A-9 §8): `base.ext`, `base (copy).ext`, `base (copy 2).ext`, …
 * The extension starts at the last dot, which must be neither the first nor the last character.
 * What would be too long for a name loses the end of its base.
 */
import { NAME_MAX_UNITS } from '#lib/codec/index.ts';

/** The name of copy number `copy` of `name`; 0 is the name itself. */
export function copyName(name: string, copy: number): string {
  if (copy === 0) return name;
  const mark = ` (copy${copy === 1 ? '' : ` ${copy}`})`;
  const { base, extension } = splitExtension(name);
  const room = NAME_MAX_UNITS - mark.length - extension.length;
  // An extension that leaves no room for anything else is none.
  if (room < 1) return `${cut(name, NAME_MAX_UNITS - mark.length)}${mark}`;
  return `${cut(base, room)}${mark}${extension}`;
}

/** The first of the copy names of `name` for which `isTaken` says no. */
export function freeName(name: string, isTaken: (candidate: string) => boolean): string {
  let copy = 0;
  while (isTaken(copyName(name, copy))) copy++;
  return copyName(name, copy);
}

/** `extension` keeps its dot; it is empty when the name has none. */
export function splitExtension(name: string): { base: string; extension: string } {
  const dot = name.lastIndexOf('.');
  if (dot <= 0 || dot === name.length - 1) return { base: name, extension: '' };
  return { base: name.slice(0, dot), extension: name.slice(dot) };
}

/** At most so many units, and no half of a character at the end. */
function cut(text: string, units: number): string {
  const start = text.slice(0, units);
  return text.isWellFormed() && !start.isWellFormed() ? start.slice(0, -1) : start;
}
