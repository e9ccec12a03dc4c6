/**
 * Names for copies (A-9 §8): `base.ext`, `base (copy).ext`, `base (copy 2).ext`, …
 * The extension starts at the last dot, which must be neither the first nor the last character.
 */

/** The name of copy number `copy` of `name`; 0 is the name itself. */
export function copyName(name: string, copy: number): string {
  if (copy === 0) return name;
  const { base, extension } = splitExtension(name);
  return `${base} (copy${copy === 1 ? '' : ` ${copy}`})${extension}`;
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
