/** Keys that every viewer has, besides those of what it shows. */
import { isTyping } from '../app/keys.ts';
import type { ViewerState } from './viewer-state.svelte.ts';

/** What a key does; undefined for one that is somebody else's. */
export function viewerKey(event: KeyboardEvent, viewer: ViewerState): (() => void) | undefined {
  if (event.defaultPrevented || isTyping(event.target) || isElsewhere()) return undefined;
  const isCommand = event.ctrlKey || event.metaKey;
  if (isCommand && !event.altKey && event.key.toLowerCase() === 'i') {
    return () => (viewer.panel = !viewer.panel);
  }
  // As in a text, where letters are for the text.
  if (event.altKey && event.key === 'PageDown') return () => viewer.step(1);
  if (event.altKey && event.key === 'PageUp') return () => viewer.step(-1);
  if (isCommand || event.altKey || isOfControl(event)) return undefined;
  if (event.shiftKey && event.key.toLowerCase() === 'n') return () => viewer.step(1);
  if (event.shiftKey && event.key.toLowerCase() === 'p') return () => viewer.step(-1);
  if (event.key === '?') return () => viewer.help();
  return viewer.keyOf(event);
}

/** A menu or another dialog lies over the viewer: its keys are its own. */
function isElsewhere(): boolean {
  return document.querySelector('.dialog, [role="menu"], [role="alertdialog"]') !== null;
}

/** Buttons keep what presses them, sliders what moves them. */
function isOfControl({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (key === ' ' || key === 'Enter') return target.closest('button, a') !== null;
  return target.matches('input[type=range]') && /^(?:Arrow|Page|Home|End)/u.test(key);
}
