/** What the editor is made of, apart from what changes while it is open. */
import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  indentOnInput,
  syntaxHighlighting,
  type LanguageSupport,
} from '@codemirror/language';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension } from '@codemirror/state';
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view';
import { m } from '#lib/paraglide/messages.js';
import { highlightStyle } from './highlight.ts';

/** The same in every file. */
export function baseSetup(): Extension {
  return [
    lineNumbers(),
    foldGutter({ markerDOM: foldMark }),
    highlightSpecialChars(),
    history(),
    drawSelection(),
    dropCursor(),
    EditorState.allowMultipleSelections.of(true),
    EditorView.perLineTextDirection.of(true),
    EditorView.contentAttributes.of({ 'aria-label': m.text_content() }),
    indentOnInput(),
    syntaxHighlighting(highlightStyle),
    bracketMatching(),
    rectangularSelection(),
    crosshairCursor(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    EditorState.phrases.of(phrases()),
    keymap.of([...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, indentWithTab]),
  ];
}

/** What a text in a language of programs has besides: prose gets no brackets and no suggestions. */
export function languageSetup(support: LanguageSupport, isProse: boolean): Extension {
  if (isProse) return support;
  return [
    support,
    closeBrackets(),
    autocompletion(),
    keymap.of([...closeBracketsKeymap, ...completionKeymap]),
  ];
}

function foldMark(isOpen: boolean): HTMLElement {
  const mark = document.createElement('span');
  mark.className = isOpen ? 'fold-mark' : 'fold-mark closed';
  mark.title = isOpen ? m.editor_fold() : m.editor_unfold();
  return mark;
}

function phrases(): Record<string, string> {
  return {
    'Go to line': m.editor_go_to_line(),
    go: m.editor_go(),
    close: m.close(),
    'Folded lines': m.editor_folded(),
    'Unfolded lines': m.editor_unfolded(),
    'folded code': m.editor_folded_code(),
    unfold: m.editor_unfold(),
    'Fold line': m.editor_fold(),
    'Unfold line': m.editor_unfold(),
    'Control character': m.editor_control_character(),
    'Selection deleted': m.editor_selection_deleted(),
    'current match': m.editor_current_match(),
    'on line': m.editor_on_line(),
    'replaced match on line $': m.editor_replaced_on_line(),
    'replaced $ matches': m.editor_replaced_count(),
  };
}
