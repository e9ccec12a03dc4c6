/** Keys that work anywhere on the drive screen, unless somebody is typing or answering. */
import { isAnswering, isTyping, onUndo } from '../app/keys.ts';
import type { DriveState } from './drive-state.svelte.ts';

export function onShortcut(event: KeyboardEvent, drive: DriveState): void {
  if (event.defaultPrevented || isTyping(event.target) || isAnswering()) return;
  if (onUndo(event, drive.app.undoHistory)) return;
  const action = shortcutOf(event, drive);
  if (action === undefined) return;
  event.preventDefault();
  action();
}

function shortcutOf(event: KeyboardEvent, drive: DriveState): (() => void) | undefined {
  const { actions, dialogs, selection, view } = drive;
  const command = event.metaKey || event.ctrlKey;
  if (command && !event.altKey && !event.shiftKey) {
    switch (event.key.toLowerCase()) {
      case 'a':
        return () => selection.all();
      case 'c':
        return hasText() || selection.size === 0 ? undefined : () => actions.hold('copy');
      case 'x':
        return selection.size === 0 ? undefined : () => actions.hold('cut');
      case 'i':
        return () => (view.panel = !view.panel);
      default:
        return undefined;
    }
  }
  if (event.altKey && !command) {
    switch (event.code) {
      case 'ArrowUp':
        return () => actions.up();
      case 'KeyN':
        return () => dialogs.ask({ kind: 'new-folder' });
      case 'KeyU':
        return () => void actions.chooseFiles();
      default:
        return undefined;
    }
  }
  if (command || event.altKey) return undefined;
  return plainShortcutOf(event, drive);
}

function plainShortcutOf(event: KeyboardEvent, drive: DriveState): (() => void) | undefined {
  const { actions, dialogs, selection } = drive;
  switch (event.key) {
    case '/':
      return () => document.getElementById('filter')?.focus();
    case '?':
      return () => dialogs.ask({ kind: 'help' });
    case 'Delete':
      return selection.size === 0 ? undefined : () => void actions.trash();
    case 'Backspace':
      return () => actions.up();
    case 'F2': {
      const entry = drive.selected.length === 1 ? drive.selected[0] : undefined;
      return entry && (() => dialogs.ask({ kind: 'rename', entry }));
    }
    case 'Escape':
      if (selection.size > 0) return () => selection.clear();
      return drive.filter === '' ? undefined : () => (drive.filter = '');
    default:
      return undefined;
  }
}

function hasText(): boolean {
  return (getSelection()?.toString() ?? '') !== '';
}
