/** Separated values: shown as a table, edited as text. */
import { m } from '#lib/paraglide/messages.js';
import type { ViewerFrame } from '../shared/viewer-frame.ts';
import { startText } from '../text/start-text.ts';
import Table from './Table.svelte';

/** Called by the document's first script. */
export function start(frame: ViewerFrame): Promise<void> {
  return startText(frame, { component: Table, label: m.table_shown(), sideBySide: false });
}
