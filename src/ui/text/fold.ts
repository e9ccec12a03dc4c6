/**
 * Names compared as people read them. Unicode has several spellings for one picture: `Ü` is one
 * letter or a `U` with two dots after it, as other systems write it. Spellings that are canonically
 * equivalent are equal here, and so are capital and small letters; accents count. Only what is
 * compared is folded: names are stored and sent as they are.
 */

import { canonical } from '#lib/client/index.ts';

/** For finding: equal for names that differ in spelling or in capitals only. */
export function fold(text: string): string {
  return canonical(canonical(text).toLocaleLowerCase());
}

/** True for two different names that nobody could tell apart on the screen. */
export function looksLike(a: string, b: string): boolean {
  return a !== b && lookOf(a) === lookOf(b);
}

/** The same for names that look the same: one spelling, one kind of blank, none at the ends. */
export function lookOf(name: string): string {
  return canonical(name).replaceAll(/\s+/gu, ' ').trim();
}
