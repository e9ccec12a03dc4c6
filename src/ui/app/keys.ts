/** Keys that mean the same on every screen, and whose they are. */
import type { UndoHistory } from './undo-history.ts';

/**
 * The key that undoes. Outside of a field it is always about files: browsers would bring back what
 * was typed into a field before. In a field it is the field's own.
 */
export function onUndo(event: KeyboardEvent, history: UndoHistory): boolean {
  const isUndo =
    (event.metaKey || event.ctrlKey) && !event.altKey && event.key.toLowerCase() === 'z';
  if (!isUndo) return false;
  event.preventDefault();
  if (!event.shiftKey && !event.repeat) void history.undoLast();
  return true;
}

const WITHOUT_TEXT =
  'input:is([type=range], [type=checkbox], [type=radio], [type=file], [type=button])';

/** The keys are for a field that takes text, or for a list of choices. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable) return true;
  return target.matches('input, textarea, select') && !target.matches(WITHOUT_TEXT);
}

/** A dialog or menu is open: its keys are its own. */
export function isAnswering(): boolean {
  return document.querySelector('[role="dialog"], [role="menu"], [role="alertdialog"]') !== null;
}
