/** Keys of the screen around the text; this module comes without the editor. */
import type { TextScreen } from './text-screen.svelte.ts';

/** Keys outside of the editor, or in a text that cannot be changed. */
export function screenKey(event: KeyboardEvent, screen: TextScreen): void {
  const { key, target } = event;
  const isCommand = event.ctrlKey || event.metaKey;
  const isTyping =
    target instanceof HTMLElement &&
    (target.matches('input:not([type=checkbox]), select, textarea') ||
      (target.isContentEditable && screen.document.editable));
  if (event.defaultPrevented) return;
  if (isCommand && key.toLowerCase() === 's') void screen.document.trySave();
  else if (isCommand && key.toLowerCase() === 'i') screen.tellPage('details');
  else if (event.altKey && key === 'PageDown') screen.tellPage('next');
  else if (event.altKey && key === 'PageUp') screen.tellPage('previous');
  else if (key === 'Escape') screen.tellPage('Escape');
  else if (isTyping || isCommand || event.altKey) return;
  else if (key === '?') screen.tellPage('help');
  else if (event.shiftKey && key.toLowerCase() === 'n') screen.tellPage('next');
  else if (event.shiftKey && key.toLowerCase() === 'p') screen.tellPage('previous');
  else return;
  event.preventDefault();
}
