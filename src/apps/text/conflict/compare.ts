/** Two versions of a text: side by side, or one below the other on a narrow screen. */
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { syntaxHighlighting } from '@codemirror/language';
import { MergeView, unifiedMergeView } from '@codemirror/merge';
import { EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, keymap, lineNumbers } from '@codemirror/view';
import { m } from '#lib/paraglide/messages.js';
import { highlightStyle } from '../highlight.ts';

export interface Compared {
  readonly mine: string;
  readonly theirs: string;
  readonly isNarrow: boolean;
  readonly onChange: () => void;
}

export interface Comparison {
  /** My side, with what was changed in it by hand. */
  readonly view: EditorView;
  destroy(): void;
}

/** Large texts are compared less exactly than would take long. */
const DIFF = { scanLimit: 2_000, timeout: 1_500 };

export function compare(parent: HTMLElement, compared: Compared): Comparison {
  const { mine, theirs, isNarrow, onChange } = compared;
  const told = EditorView.updateListener.of(({ docChanged }) => docChanged && onChange());
  const mySide: Extension = [common(m.editor_mine()), history(), keymap.of(historyKeymap), told];
  if (isNarrow) {
    const view = new EditorView({
      parent,
      doc: mine,
      extensions: [
        mySide,
        unifiedMergeView({
          original: theirs,
          diffConfig: DIFF,
          mergeControls: (type, act) => control(type, act),
          collapseUnchanged: { margin: 3, minSize: 6 },
        }),
      ],
    });
    return { view, destroy: () => view.destroy() };
  }
  const merge = new MergeView({
    parent,
    a: { doc: theirs, extensions: [common(m.editor_theirs()), EditorState.readOnly.of(true)] },
    b: { doc: mine, extensions: mySide },
    revertControls: 'a-to-b',
    renderRevertControl: () => {
      const button = document.createElement('button');
      button.className = 'take-theirs';
      button.title = m.editor_take_change();
      button.setAttribute('aria-label', m.editor_take_change());
      button.textContent = '→';
      return button;
    },
    diffConfig: DIFF,
    collapseUnchanged: { margin: 3, minSize: 6 },
  });
  return { view: merge.b, destroy: () => merge.destroy() };
}

function common(label: string): Extension {
  return [
    lineNumbers(),
    drawSelection(),
    EditorView.lineWrapping,
    EditorView.perLineTextDirection.of(true),
    EditorView.contentAttributes.of({ 'aria-label': label }),
    syntaxHighlighting(highlightStyle),
    keymap.of(defaultKeymap),
  ];
}

/** Below each change: keep mine, or take theirs. */
function control(type: 'reject' | 'accept', act: (event: MouseEvent) => void): HTMLElement {
  const button = document.createElement('button');
  button.className = `merge-${type}`;
  button.textContent = type === 'accept' ? m.editor_keep_change() : m.editor_take_change();
  button.addEventListener('mousedown', act);
  button.addEventListener('click', act);
  return button;
}
