/** What an option of the node is made of. */
import { BadSetting } from './settings.ts';
import type { NodeSettings } from './settings.ts';

export interface Option {
  readonly name: string;
  /** How its value is named in the help; absent: a switch. */
  readonly value?: string;
  readonly what: string;
  /** May be given several times. */
  readonly isList?: boolean;
  /** Given as `PYRGOS_…` or as the path of a file: `--…-file`, `PYRGOS_…_FILE`, `"…-file"`. */
  readonly isSecret?: boolean;
  /** Texts as given, at least one. Throws {@link BadSetting}. */
  readonly read: (texts: readonly string[]) => Partial<NodeSettings>;
}

/** An option with one value. */
export function one(
  name: string,
  value: string,
  what: string,
  read: (text: string) => Partial<NodeSettings>,
): Option {
  return { name, value, what, read: (texts) => read(texts.at(-1) ?? '') };
}

export function integer(text: string, least: number, most: number): number {
  const value = /^\d+$/u.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new BadSetting(`"${text}" is not a whole number from ${String(least)} to ${String(most)}.`);
}

export function oneOf<T extends string>(text: string, known: readonly T[]): T {
  const found = known.find((it) => it === text);
  if (found !== undefined) return found;
  throw new BadSetting(`"${text}" is none of ${known.join(', ')}.`);
}
