/** Keys of the screen around a document, by the names that the page knows. */

import type { PageKey } from '#lib/frames/index.ts';

/** What a key does; undefined for one that is somebody else's. */
export function pageKey(
  event: KeyboardEvent,
  tell: (key: PageKey) => void,
): (() => void) | undefined {
  const key = event.key.toLowerCase();
  const isCommand = event.ctrlKey || event.metaKey;
  if (event.defaultPrevented || event.altKey) return undefined;
  if (isCommand) return key === 'i' ? () => tell('details') : undefined;
  if (event.key === 'Escape') return () => tell('Escape');
  if (key === '?') return () => tell('help');
  if (event.shiftKey && key === 'n') return () => tell('next');
  if (event.shiftKey && key === 'p') return () => tell('previous');
  return undefined;
}
