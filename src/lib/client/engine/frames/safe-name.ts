/** Names of files that a hostile document brings: the last part of a path, without what misleads. */

const NAME_MAX_UNITS = 200;
/** Control characters, and those that turn the direction of what follows or are not seen. */
const MISLEADING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** A name that can be stored and is not hidden; `file` where nothing is left of the given one. */
export function safeName(wanted: string): string {
  const last = wanted.toWellFormed().split(/[/\\]/u).at(-1) ?? '';
  const clean = last
    .replaceAll(MISLEADING, '')
    .replace(/^[\s.]+/u, '')
    .trimEnd();
  if (clean === '') return 'file';
  if (clean.length <= NAME_MAX_UNITS) return clean;
  const dot = clean.lastIndexOf('.');
  const extension = dot > 0 && clean.length - dot <= 20 ? clean.slice(dot) : '';
  return clean.slice(0, NAME_MAX_UNITS - extension.length).toWellFormed() + extension;
}
