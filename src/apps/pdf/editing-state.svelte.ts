/** Fields and annotations: which tool is in hand, whether something is unsaved, and saving it. */
import { PyrgosError } from '#lib/bytes/index.ts';
import { m } from '#lib/paraglide/messages.js';
import type { ViewerFrame } from '../shared/viewer-frame.ts';
import { addedBytes } from './added-bytes.ts';
import {
  AnnotationEditorParamsType,
  AnnotationEditorType,
  type PDFDocumentProxy,
} from './library.ts';
import type { OpenedPdf } from './opened-pdf.ts';
import type { ShownPdf } from './shown-pdf.ts';

export const TOOLS = ['none', 'highlight', 'text', 'draw', 'image'] as const;
export type Tool = (typeof TOOLS)[number];

const MODES: Readonly<Record<Tool, number>> = {
  none: AnnotationEditorType.NONE,
  highlight: AnnotationEditorType.HIGHLIGHT,
  text: AnnotationEditorType.FREETEXT,
  draw: AnnotationEditorType.INK,
  image: AnnotationEditorType.STAMP,
};

/** The part of the viewer that editing uses. */
interface EditedPdf {
  readonly frame: ViewerFrame;
  readonly writable: boolean;
  reopen(): Promise<void>;
  say(notice: string): void;
}

interface Parts {
  readonly shown: ShownPdf | undefined;
  readonly opened: OpenedPdf | undefined;
}

export class EditingState {
  tool = $state<Tool>('none');
  dirty = $state(false);
  saving = $state(false);
  readonly #pdf: EditedPdf;
  readonly #parts: () => Parts;

  constructor(pdf: EditedPdf, parts: () => Parts) {
    this.#pdf = pdf;
    this.#parts = parts;
  }

  /** The same tool again puts it down. */
  choose(tool: Tool): void {
    const { shown } = this.#parts();
    if (shown === undefined || !this.#pdf.writable) return;
    const next = tool === this.tool ? 'none' : tool;
    this.tool = next;
    shown.viewer.annotationEditorMode = { mode: MODES[next] } as never;
  }

  listen(events: ShownPdf['events']): void {
    events.on('annotationeditormodechanged', ({ mode }: { mode: number }) => {
      this.tool = TOOLS.find((tool) => MODES[tool] === mode) ?? 'none';
      if (mode !== AnnotationEditorType.STAMP) return;
      events.dispatch('switchannotationeditorparams', {
        source: this,
        type: AnnotationEditorParamsType.CREATE,
      });
    });
  }

  /** Learns of changes in this document. */
  watch(document: PDFDocumentProxy): void {
    this.#tell(false);
    const storage = document.annotationStorage as unknown as {
      onSetModified: () => void;
      onResetModified: () => void;
    };
    storage.onSetModified = () => this.#tell(true);
    storage.onResetModified = () => this.#tell(false);
  }

  /** Adds the changes to the end of the file, and opens it as it is then. */
  async save(): Promise<void> {
    const { shown, opened } = this.#parts();
    if (shown === undefined || opened === undefined || this.saving || !this.dirty) return;
    this.saving = true;
    try {
      // What is being typed or drawn becomes a part of the document.
      this.choose('none');
      const { file } = this.#pdf.frame;
      const result = await opened.document.saveDocument();
      const { length, pieces } = opened.transport;
      const added = addedBytes(result, length, pieces);
      if (added === undefined) await file.call('save', [result]);
      else if (added.length > 0) await file.call('append', [added]);
      await this.#pdf.reopen();
      this.#pdf.say(m.pdf_saved());
    } catch (error) {
      const isForPeople = error instanceof PyrgosError && error.kind !== 'bug';
      this.#pdf.say(isForPeople ? error.message : m.error_unexpected());
      throw error;
    } finally {
      this.saving = false;
    }
  }

  #tell(dirty: boolean): void {
    if (dirty === this.dirty) return;
    this.dirty = dirty;
    void this.#pdf.frame.page.call('state', [{ dirty }]);
  }
}
