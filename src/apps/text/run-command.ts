/** Commands of the editor that have a button. */
import { redo, undo } from '@codemirror/commands';
import { gotoLine, openSearchPanel } from '@codemirror/search';
import type { Command, EditorView } from '@codemirror/view';

const COMMANDS = { undo, redo, find: openSearchPanel, line: gotoLine } as const;

export function runCommand(view: EditorView, name: keyof typeof COMMANDS): void {
  const command: Command = COMMANDS[name];
  command(view);
  if (name === 'undo' || name === 'redo') view.focus();
}
