/** The editor of texts. */
import type { ViewerFrame } from '../shared/viewer-frame.ts';
import { startText } from '../text/start-text.ts';

/** Called by the document's first script. */
export function start(frame: ViewerFrame): Promise<void> {
  return startText(frame);
}
