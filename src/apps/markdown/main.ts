/** Markdown: shown as it is meant to be read, edited as text. */
import { m } from '#lib/paraglide/messages.js';
import type { ViewerFrame } from '../shared/viewer-frame.ts';
import { startText } from '../text/start-text.ts';
import Rendered from './Rendered.svelte';

/** Called by the document's first script. */
export function start(frame: ViewerFrame): Promise<void> {
  return startText(frame, { component: Rendered, label: m.markdown_shown(), sideBySide: true });
}
