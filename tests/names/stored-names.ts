/** Those of the hostile names that the drive takes, and content by which each is known again. */
import { utf8 } from '#lib/bytes/index.ts';
import { checkName } from '#lib/cryptree/index.ts';
import { hostileNames } from './hostile-names.ts';

export const NAMES = hostileNames();
export const GOOD = NAMES.filter(isStorable);
export const BAD = NAMES.filter((name) => !isStorable(name));

function isStorable(name: string): boolean {
  try {
    checkName(name);
    return true;
  } catch {
    return false;
  }
}

export const textOf = (name: string): string => `content of ${encodeURIComponent(name)}`;
export const contentOf = (name: string): Uint8Array => utf8(textOf(name));
export const sorted = (names: Iterable<string>): string[] => [...names].sort();

/** Each `step`th, always the same: for ways that take long. */
export function sample<T>(all: readonly T[], step: number): T[] {
  return all.filter((_, i) => i % step === 0);
}

/** What files of these names hold, by name. */
export function expected(names: readonly string[]): ReadonlyMap<string, string> {
  return new Map(sorted(names).map((name) => [name, textOf(name)]));
}
