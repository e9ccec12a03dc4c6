/** Which of the viewers of texts shows a text, by its name. */
import { extensionOf } from './kind-by-hints.ts';

export type TextKind = 'code' | 'markdown' | 'table';

const KINDS: ReadonlyMap<string, TextKind> = new Map([
  ...['md', 'markdown', 'mdown', 'mkd', 'note'].map((one) => [one, 'markdown'] as const),
  ...['csv', 'tsv', 'tab'].map((one) => [one, 'table'] as const),
]);

export function textKindOf(name: string): TextKind {
  return KINDS.get(extensionOf(name)) ?? 'code';
}
