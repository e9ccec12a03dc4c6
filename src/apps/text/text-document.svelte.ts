/**
 * The opened text: what of it is saved, how it is written into bytes, and what stands between the
 * user and saving. Nothing that was typed is thrown away unless the user says so.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { ViewerFrame } from '../shared/viewer-frame.ts';
import { draftFromBytes, type Draft } from './draft.ts';
import { DraftKeeper } from './draft-keeper.ts';
import { LINE_ENDS, unified, type LineEnds } from './line-ends.ts';
import { readFile, type OpenedText } from './read-file.ts';
import { readText, writeText, type TextForm } from './text-form.ts';
import {
  PlainText,
  textPrint,
  type Snapshot,
  type TextChange,
  type TextSource,
} from './text-source.ts';

/** Why saving needs an answer first. */
export type Obstacle =
  /** The file was written by somebody else: their text, and the one here. */
  | { readonly kind: 'conflict'; readonly mine: string; readonly theirs: OpenedText }
  /** This character has no bytes in the encoding of the file. */
  | { readonly kind: 'unwritable'; readonly character: string };

/** Saving waits for an answer of the user, which is asked for on the screen. */
export class AnswerNeeded extends PyrgosError {
  override readonly name = 'AnswerNeeded';
  override readonly kind = 'conflict';
}

/** Renderers draw the text again after this pause in the typing. */
const SHOWN_AFTER_MS = 150;
const AUTOSAVE_AFTER_MS = 1_500;

export class TextDocument {
  readonly #frame: ViewerFrame;
  readonly #drafts: DraftKeeper;
  name = $state('');
  /** The text, a moment behind the typing. */
  text = $state.raw('');
  form = $state.raw<TextForm>({ encoding: 'utf-8', hasMark: false, lineEnds: 'lf' });
  writable = $state(false);
  /** Whether a copy can be saved beside the file. */
  copies = $state(false);
  dirty = $state(false);
  saving = $state(false);
  failure = $state<string>();
  obstacle = $state.raw<Obstacle>();
  /** Unsaved work of before, until the user restores it or throws it away. */
  draft = $state.raw<Draft>();
  /** Why the text may not be what the bytes are; undefined when it is, or the user knows. */
  doubt = $state<'not-text' | 'not-exact'>();
  /** Name of a copy that was saved. */
  copied = $state<string>();
  autosave = $state(false);
  readonly editable = $derived(
    this.writable && this.draft === undefined && this.doubt === undefined,
  );
  #bytes = new Uint8Array();
  #source: TextSource = new PlainText('');
  #saved: Snapshot = this.#source.snapshot();
  #savedForm: TextForm = this.form;
  #shownTimer: ReturnType<typeof setTimeout> | undefined;
  #autosaveTimer: ReturnType<typeof setTimeout> | undefined;
  #saveRun: Promise<void> | undefined;

  constructor(frame: ViewerFrame) {
    this.#frame = frame;
    this.#drafts = new DraftKeeper(frame.file, () => this.#draftNow());
  }

  async open(): Promise<void> {
    const opened = await readFile(this.#frame.file);
    this.name = opened.name;
    this.writable = opened.writable;
    this.copies = opened.copies;
    this.#showSaved(opened);
    this.doubt = !opened.isText ? 'not-text' : opened.isExact ? undefined : 'not-exact';
    const draft = opened.draft && draftFromBytes(opened.draft);
    const isOther = draft !== undefined && draft.text !== opened.text;
    if (isOther && this.writable) this.draft = draft;
    else if (opened.draft !== undefined) void this.#drafts.end();
  }

  /** An editor holds the text from now on; `create` makes its source. */
  attach(create: (text: string) => TextSource): void {
    const { text } = this.#source.snapshot();
    this.#source = create(text);
    this.#saved = this.#source.snapshotOf(this.#saved.text);
  }

  /** The editor is gone; the text stays. */
  detach(): void {
    this.attach((text) => new PlainText(text));
    this.#show();
  }

  /** The text as it is now. */
  current(): string {
    return this.#source.snapshot().text;
  }

  /** Puts another text in the place of all. */
  replace(text: string): void {
    this.#source.replace(text);
    this.changed();
    this.#show();
  }

  /** Changes a part of the text. */
  change(change: TextChange): void {
    this.#source.change(change);
    this.changed();
    this.#show();
  }

  /** The text or its form is another one than a moment ago. */
  changed(): void {
    this.failure = undefined;
    clearTimeout(this.#shownTimer);
    this.#shownTimer = setTimeout(() => this.#show(), SHOWN_AFTER_MS);
    this.#judge();
    if (this.dirty) this.#drafts.later();
    else this.#drafts.drop();
    clearTimeout(this.#autosaveTimer);
    if (!this.autosave || !this.dirty) return;
    this.#autosaveTimer = setTimeout(() => void this.trySave(), AUTOSAVE_AFTER_MS);
  }

  /** Saves; what stands against it is on the screen then. */
  async trySave(): Promise<void> {
    await this.save().catch(() => undefined);
  }

  /** @throws AnswerNeeded, or what saving failed with */
  async save(): Promise<void> {
    await this.#saveRun?.catch(() => undefined);
    if (!this.dirty) return;
    if (this.obstacle !== undefined) throw new AnswerNeeded('There is a question on the screen.');
    const run = this.#save();
    this.#saveRun = run;
    await run;
  }

  /** Reads the bytes by another encoding. For a text without unsaved changes. */
  readAs(encoding: string): void {
    const read = readText(this.#bytes, encoding);
    this.#showSaved({ ...read, bytes: this.#bytes });
    this.doubt = read.isExact ? undefined : 'not-exact';
  }

  /** The text is saved in this form from now on. */
  writeAs(form: Partial<TextForm>): void {
    const { lineEnds = this.form.lineEnds } = form;
    const before = this.form.lineEnds;
    this.form = { ...this.form, ...form };
    if (this.obstacle?.kind === 'unwritable') this.obstacle = undefined;
    if (before === 'mixed' && lineEnds !== 'mixed') this.replace(unified(this.current()));
    else this.changed();
  }

  setLineEnds(lineEnds: LineEnds): void {
    if (lineEnds in LINE_ENDS) this.writeAs({ lineEnds });
  }

  restoreDraft(): void {
    const { draft } = this;
    if (draft === undefined) return;
    this.draft = undefined;
    if (draft.base === textPrint(this.#saved.text)) {
      this.form = draft.form;
      this.replace(draft.text);
    } else {
      const theirs = { ...this.#asOpened(), text: this.#saved.text };
      this.replace(draft.text);
      this.obstacle = { kind: 'conflict', mine: draft.text, theirs };
    }
  }

  /** Unsaved work ends: that of before, or that of now. */
  async discard(): Promise<void> {
    this.draft = undefined;
    clearTimeout(this.#autosaveTimer);
    await this.#drafts.end();
  }

  keepDraft(): Promise<void> {
    return this.dirty ? this.#drafts.now() : Promise.resolve();
  }

  /** The conflict ends with this text, which replaces the newer one of the others. */
  async keepMine(text: string): Promise<void> {
    this.obstacle = undefined;
    this.replace(text);
    this.dirty = true;
    await this.trySave();
  }

  takeTheirs(): void {
    if (this.obstacle?.kind !== 'conflict') return;
    const { theirs } = this.obstacle;
    this.obstacle = undefined;
    this.#showSaved(theirs);
  }

  /** Mine becomes a file beside this one, which stays as the others wrote it. */
  async copyMine(text: string): Promise<void> {
    const written = writeText(text, this.form);
    if (!('bytes' in written)) return;
    try {
      this.copied = await this.#frame.file.call('saveCopy', [written.bytes]);
      this.takeTheirs();
    } catch (error) {
      this.failure = sentenceOf(error);
    }
  }

  async #save(): Promise<void> {
    this.saving = true;
    this.failure = undefined;
    try {
      const snapshot = this.#source.snapshot();
      const { form } = this;
      const written = writeText(snapshot.text, form);
      if (!('bytes' in written)) {
        this.obstacle = { kind: 'unwritable', character: written.unwritable };
        throw new AnswerNeeded('A character has no place in the encoding.');
      }
      // They are moved to the engine; reading by another encoding needs them here too.
      const bytes = written.bytes.slice();
      await this.#frame.file.call('save', [written.bytes], { transfer: [written.bytes.buffer] });
      this.#bytes = bytes;
      this.#saved = snapshot;
      this.#savedForm = form;
      this.#judge();
      if (!this.dirty) this.#drafts.drop();
    } catch (error) {
      await this.#explain(error);
      throw error;
    } finally {
      this.saving = false;
    }
  }

  async #explain(error: unknown): Promise<void> {
    if (error instanceof AnswerNeeded) return;
    // The caller was made by the document's first script, which has classes of its own.
    if (!(error instanceof Error && error.name === 'FileChangedMeanwhile')) {
      this.failure = sentenceOf(error);
      return;
    }
    await this.#drafts.now();
    try {
      const theirs = await readFile(this.#frame.file, this.form.encoding);
      this.obstacle = { kind: 'conflict', mine: this.current(), theirs };
    } catch (reading) {
      this.failure = sentenceOf(reading);
    }
  }

  /** Shows the file's content as it is saved, and drops the draft. */
  #showSaved({ text, form, bytes }: Pick<OpenedText, 'text' | 'form' | 'bytes'>): void {
    this.#bytes = bytes;
    this.form = form;
    this.#savedForm = form;
    this.#source.replace(text);
    this.#saved = this.#source.snapshot();
    this.#show();
    this.#judge();
    this.#drafts.drop();
  }

  #asOpened(): OpenedText {
    const read = readText(this.#bytes, this.#savedForm.encoding);
    const { name, writable, copies } = this;
    return { ...read, bytes: this.#bytes, name, writable, copies };
  }

  #judge(): void {
    const isSame =
      this.form.encoding === this.#savedForm.encoding &&
      this.form.hasMark === this.#savedForm.hasMark &&
      this.form.lineEnds === this.#savedForm.lineEnds;
    const dirty = !isSame || !this.#saved.isCurrent();
    if (dirty === this.dirty) return;
    this.dirty = dirty;
    void this.#frame.page.call('state', [{ dirty }]);
  }

  #show(): void {
    clearTimeout(this.#shownTimer);
    this.text = this.current();
  }

  #draftNow(): Draft {
    const base = textPrint(this.#saved.text);
    return { savedMs: Date.now(), base, form: this.form, text: this.current() };
  }
}

/** A sentence for the user. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
