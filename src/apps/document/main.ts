/** The viewer of books and office documents. Nothing is ever changed. */
import { kindOf } from '#lib/bytes/index.ts';
import type { ViewerFailure } from '#lib/frames/index.ts';
import { m } from '#lib/paraglide/messages.js';
import type { ViewerFrame } from '../shared/viewer-frame.ts';
import '../../app.css';
import './document.css';
import { DamagedDocument, DocumentProtected, DocumentTooLarge } from './archive/errors.ts';
import { openDocument } from './open-document.ts';
import { pageKey } from './page-keys.ts';
import { setTheme } from './theme.svelte.ts';

/** Called by the document's first script. */
export async function start(frame: ViewerFrame): Promise<void> {
  document.documentElement.lang = 'en';
  setTheme(frame.theme);
  document.title = m.document_content();
  frame.serve({
    theme: async (_context, name) => setTheme(name),
    async command(_context, command) {
      if (command === 'print') print();
    },
    focus: async () =>
      document.querySelector<HTMLElement>('[role=document], [role=region]')?.focus(),
  });
  const fail = (error: unknown): void => void frame.page.call('fail', [reasonOf(error)]);
  const follow = (link: string): void => void frame.page.call('follow', [link]);
  addEventListener('keydown', (event) => {
    const action = pageKey(event, (key) => void frame.page.call('key', [key]));
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
  try {
    const opened = await openDocument(frame);
    opened.mountIn(document.body, { follow, fail });
  } catch (error) {
    fail(error);
  }
}

function reasonOf(error: unknown): ViewerFailure {
  if (error instanceof DamagedDocument) return 'damaged';
  if (error instanceof DocumentTooLarge) return 'too-large';
  if (error instanceof DocumentProtected) return 'protected';
  // A reader that meets what it cannot be told of meets a damaged document.
  return kindOf(error) === 'bug' ? 'damaged' : 'unread';
}
