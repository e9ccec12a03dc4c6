import { m } from '../text/messages.ts';
import type { Column } from './view-settings.svelte.ts';

/** The heading of a column. */
export function columnWord(column: Column): string {
  const words: Record<Column, () => string> = {
    name: m.column_name,
    size: m.column_size,
    modified: m.column_modified,
    kind: m.column_kind,
  };
  return words[column]();
}
