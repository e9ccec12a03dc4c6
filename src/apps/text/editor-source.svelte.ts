/** The editor as a place of the text, and what the screen shows of it. */
import { redoDepth, undoDepth } from '@codemirror/commands';
import { indentUnit, LanguageDescription } from '@codemirror/language';
import { Compartment, EditorState, Text, type Extension } from '@codemirror/state';
import { EditorView, type ViewUpdate } from '@codemirror/view';
import { languages } from '@codemirror/language-data';
import { baseSetup, languageSetup } from './editor-setup.ts';
import { editorSearch } from './search/editor-search.ts';
import { indentationOf, indentUnitOf, type Indentation } from './indentation.ts';
import type { Snapshot, TextChange, TextSource } from './text-source.ts';

export interface EditorOptions {
  readonly name: string;
  readonly text: string;
  /** Keeps returns as they are: the lines end in different ways. */
  readonly isMixed: boolean;
  readonly editable: boolean;
  readonly wrap: boolean;
  readonly onChange: () => void;
  /** Keys of the screen around the editor. */
  readonly keys: Extension;
}

/** Languages in which people write to people. */
const PROSE = new Set(['Markdown', 'LaTeX']);
/** No grammar of this name is there. */
const PLAIN = 'Plain text';
const LANGUAGE_NAMES = [PLAIN, ...languages.map(({ name }) => name).sort()];

export class EditorSource implements TextSource {
  readonly view: EditorView;
  /** Plain text, then all that there is a grammar of. */
  readonly languageNames = LANGUAGE_NAMES;
  readonly plain = PLAIN;
  line = $state(1);
  column = $state(1);
  selected = $state(0);
  canUndo = $state(false);
  canRedo = $state(false);
  language = $state(PLAIN);
  indentation = $state.raw<Indentation>({ kind: 'spaces', width: 2 });
  readonly #onChange: () => void;
  readonly #language = new Compartment();
  readonly #indent = new Compartment();
  readonly #wrap = new Compartment();
  readonly #access = new Compartment();

  constructor(parent: HTMLElement, options: EditorOptions) {
    const { text, name, isMixed, editable, wrap, onChange, keys } = options;
    this.#onChange = onChange;
    this.indentation = indentationOf(text);
    this.view = new EditorView({
      parent,
      state: EditorState.create({
        doc: Text.of(text.split('\n')),
        extensions: [
          keys,
          baseSetup(),
          editorSearch(),
          isMixed ? EditorState.lineSeparator.of('\n') : [],
          this.#language.of([]),
          this.#indent.of(indentSetup(this.indentation)),
          this.#wrap.of(wrap ? EditorView.lineWrapping : []),
          this.#access.of(accessSetup(editable)),
          EditorView.updateListener.of((update) => this.#updated(update)),
        ],
      }),
    });
    const known = LanguageDescription.matchFilename(languages, name);
    if (known !== null) void this.setLanguage(known.name);
  }

  snapshot(): Snapshot {
    const { doc } = this.view.state;
    return this.#snapshotOf(doc);
  }

  snapshotOf(text: string): Snapshot {
    return this.#snapshotOf(Text.of(text.split('\n')));
  }

  replace(text: string): void {
    const { state } = this.view;
    this.view.dispatch({
      changes: { from: 0, to: state.doc.length, insert: Text.of(text.split('\n')) },
    });
  }

  change(change: TextChange): void {
    this.view.dispatch({ changes: change });
  }

  async setLanguage(name: string): Promise<void> {
    this.language = name;
    const known = languages.find((one) => one.name === name);
    const support = await known?.load();
    if (this.language !== name) return;
    const setup = support === undefined ? [] : languageSetup(support, PROSE.has(name));
    this.view.dispatch({ effects: this.#language.reconfigure(setup) });
  }

  setIndentation(indentation: Indentation): void {
    this.indentation = indentation;
    this.view.dispatch({ effects: this.#indent.reconfigure(indentSetup(indentation)) });
  }

  setWrap(wrap: boolean): void {
    const effects = this.#wrap.reconfigure(wrap ? EditorView.lineWrapping : []);
    this.view.dispatch({ effects });
  }

  setEditable(editable: boolean): void {
    this.view.dispatch({ effects: this.#access.reconfigure(accessSetup(editable)) });
  }

  destroy(): void {
    this.view.destroy();
  }

  #snapshotOf(doc: Text): Snapshot {
    const { view } = this;
    return {
      get text() {
        return doc.toString();
      },
      isCurrent: () => view.state.doc === doc || view.state.doc.eq(doc),
    };
  }

  #updated({ state, docChanged, selectionSet }: ViewUpdate): void {
    if (docChanged || selectionSet) {
      const { main } = state.selection;
      const line = state.doc.lineAt(main.head);
      this.line = line.number;
      this.column = main.head - line.from + 1;
      this.selected = main.to - main.from;
    }
    if (!docChanged) return;
    this.canUndo = undoDepth(state) > 0;
    this.canRedo = redoDepth(state) > 0;
    this.#onChange();
  }
}

function indentSetup(indentation: Indentation): Extension {
  return [indentUnit.of(indentUnitOf(indentation)), EditorState.tabSize.of(indentation.width)];
}

/** What cannot be changed can be read and searched by keys; fingers get no keyboard. */
function accessSetup(editable: boolean): Extension {
  if (editable) return [];
  return [
    EditorState.readOnly.of(true),
    EditorView.contentAttributes.of({ inputmode: 'none', 'aria-readonly': 'true' }),
  ];
}
