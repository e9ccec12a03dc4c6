/** What is on the screen of a text: in which of its ways it is shown, and the choices of the user. */
import type { Component } from 'svelte';
import type { PageKey, ViewerChoice } from '#lib/frames/index.ts';
import type { ViewerFrame } from '../shared/viewer-frame.ts';
import type { EditorSource } from './editor-source.svelte.ts';
import { TextDocument } from './text-document.svelte.ts';

export type Mode = 'shown' | 'text' | 'both';

/** A way to show the text that is not the text itself. */
export interface Showing {
  readonly component: Component<{ screen: TextScreen }>;
  /** Its name in the switch. */
  readonly label: string;
  /** Whether the text can be edited beside it. */
  readonly sideBySide: boolean;
}

/** A second press of Escape in this time leaves; Tab moves the focus out of the editor meanwhile. */
const LEAVE_MS = 2_000;

export class TextScreen {
  readonly frame: ViewerFrame;
  readonly document: TextDocument;
  readonly showing: Showing | undefined;
  mode = $state<Mode>('text');
  wrap = $state(true);
  editor = $state.raw<EditorSource>();
  /** Says how to leave the editor by keys. */
  leaving = $state(false);
  #leavingTimer: ReturnType<typeof setTimeout> | undefined;
  #focus: (() => void) | undefined;

  constructor(frame: ViewerFrame, showing?: Showing) {
    this.frame = frame;
    this.document = new TextDocument(frame);
    this.showing = showing;
    if (showing !== undefined) this.mode = 'shown';
  }

  async open(): Promise<void> {
    const [choices] = await Promise.all([
      this.frame.page.call('choices', []),
      this.document.open(),
    ]);
    this.wrap = choices['wrap'] !== 'no';
    this.document.autosave = choices['autosave'] === 'yes';
    // What was just made is there to be written.
    const isNew = this.document.text === '' && this.document.editable;
    if (isNew || this.document.draft !== undefined) this.mode = 'text';
    else if (choices['side-by-side'] === 'yes' && this.showing?.sideBySide) this.mode = 'both';
  }

  toggleWrap(): void {
    this.wrap = !this.wrap;
    this.#choose('wrap', this.wrap);
  }

  toggleAutosave(): void {
    const { document } = this;
    document.autosave = !document.autosave;
    this.#choose('autosave', document.autosave);
    if (document.autosave && document.dirty) void document.trySave();
  }

  show(mode: Mode): void {
    this.mode = mode;
    if (this.showing?.sideBySide) this.#choose('side-by-side', mode === 'both');
  }

  tellPage(key: PageKey): true {
    void this.frame.page.call('key', [key]);
    return true;
  }

  /** Escape, where nothing else takes it. In the editor, Tab indents until then. */
  escape(): true {
    if (!this.document.editable || this.leaving) return this.tellPage('Escape');
    this.leaving = true;
    clearTimeout(this.#leavingTimer);
    this.#leavingTimer = setTimeout(() => (this.leaving = false), LEAVE_MS);
    return true;
  }

  /** What takes the keyboard when the page gives it to the viewer. */
  takeFocus(focus: () => void): () => void {
    this.#focus = focus;
    return () => {
      if (this.#focus === focus) this.#focus = undefined;
    };
  }

  focus(): void {
    this.#focus?.();
  }

  #choose(choice: ViewerChoice, isChosen: boolean): void {
    void this.frame.page.call('choose', [choice, isChosen ? 'yes' : 'no']);
  }
}
