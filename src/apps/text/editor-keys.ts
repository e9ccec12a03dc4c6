/** Keys that the screen takes before the editor, and those that the editor leaves to it. */
import { openSearchPanel } from '@codemirror/search';
import { Prec, type Extension } from '@codemirror/state';
import { keymap } from '@codemirror/view';
import type { TextScreen } from './text-screen.svelte.ts';

export function screenKeys(screen: TextScreen): Extension {
  const save = (): true => {
    void screen.document.trySave();
    return true;
  };
  return [
    Prec.highest(
      keymap.of([
        { key: 'Mod-s', run: save, preventDefault: true },
        { key: 'Mod-i', run: () => screen.tellPage('details'), preventDefault: true },
        { key: 'Alt-PageDown', run: () => screen.tellPage('next') },
        { key: 'Alt-PageUp', run: () => screen.tellPage('previous') },
        { key: 'F1', run: () => screen.tellPage('help'), preventDefault: true },
        { key: 'Mod-h', run: openSearchPanel, preventDefault: true },
      ]),
    ),
    Prec.lowest(keymap.of([{ key: 'Escape', run: () => screen.escape() }])),
  ];
}
