/** What is on the screen of the PDF viewer, and what a person can do there. */
import { m } from '#lib/paraglide/messages.js';
import { contentOf, type Attachment } from './attachments.ts';
import type { ViewerFrame } from '../shared/viewer-frame.ts';
import { EditingState } from './editing-state.svelte.ts';
import { FindState } from './find-state.svelte.ts';
import type { PDFDocumentProxy, PDFWorker } from './library.ts';
import { openPdf, startWorker, type OpenedPdf } from './opened-pdf.ts';
import { PasswordQuestion } from './password-question.svelte.ts';
import { PrintState } from './print-state.svelte.ts';
import { ShownPdf } from './shown-pdf.ts';

export class PdfState {
  /** The document that is shown; another one after a save. */
  document = $state.raw<PDFDocumentProxy>();
  page = $state(1);
  pages = $state(0);
  scale = $state(1);
  /** `auto`, `page-width`, `page-fit`, or a number as text: 1 is one inch an inch. */
  fit = $state('auto');
  sidebar = $state(false);
  /** On a phone: the tools that have no room in the first row. */
  more = $state(false);
  name = $state('');
  writable = $state(false);
  /** Files can be saved beside it. */
  copies = $state(false);
  /** Said to who cannot see it, and shown for a moment. */
  notice = $state('');
  readonly frame: ViewerFrame;
  readonly password = new PasswordQuestion();
  readonly find: FindState;
  readonly editing: EditingState;
  readonly print: PrintState;
  #shown: ShownPdf | undefined;
  #opened: OpenedPdf | undefined;
  #worker: PDFWorker | undefined;
  /** Where to begin, until the pages are there. */
  #place: Place = { page: 1 };
  /** The page to begin at, until it is drawn: before that, sizes change and what is in sight moves. */
  #arriving: number | undefined;

  constructor(frame: ViewerFrame) {
    this.frame = frame;
    this.find = new FindState(() => this.#shown);
    this.editing = new EditingState(this, () => ({ shown: this.#shown, opened: this.#opened }));
    this.print = new PrintState(() => this.document);
  }

  /** Opens the file and shows it in the element, at the page where it was left. */
  async start(container: HTMLDivElement): Promise<void> {
    const { file, page } = this.frame;
    const fail = (): void => void page.call('fail', ['unread']);
    try {
      const [{ name, writable, copies, sizeBytes }, worker, place] = await Promise.all([
        file.call('open', []),
        startWorker(page, fail),
        page.call('place', []),
      ]);
      this.name = name;
      this.writable = writable;
      this.copies = copies;
      this.#worker = worker;
      this.#shown = new ShownPdf(container, writable);
      this.#listen(this.#shown);
      this.#fitAlways(container, this.#shown);
      await this.#open(sizeBytes, { page: place + 1 });
    } catch (error) {
      await page.call('fail', [isOfPdf(error) ? 'damaged' : 'unread']);
    }
  }

  /** The file as it is now, at the place that is in sight; after a save. */
  async reopen(): Promise<void> {
    const { sizeBytes } = await this.frame.file.call('open', []);
    const before = this.#opened;
    const { page, fit } = this;
    const { scrollTop: top, scrollLeft: left } = scrollerOf(this.#shown!.viewer);
    await this.#open(sizeBytes, { page, fit, scroll: { top, left } });
    await before?.close();
  }

  goTo(page: number): void {
    const viewer = this.#shown?.viewer;
    if (viewer === undefined || !Number.isInteger(page)) return;
    viewer.currentPageNumber = Math.min(Math.max(1, page), this.pages);
  }

  goToDestination(destination: unknown): void {
    void this.#shown?.links.goToDestination(destination as string);
  }

  zoom(by: 1 | -1): void {
    if (by > 0) this.#shown?.viewer.increaseScale();
    else this.#shown?.viewer.decreaseScale();
  }

  /** See {@link fit}. */
  zoomTo(value: string): void {
    if (this.#shown !== undefined) this.#shown.viewer.currentScaleValue = value;
  }

  rotate(): void {
    if (this.#shown !== undefined) this.#shown.viewer.pagesRotation += 90;
  }

  /** Saves a file of the document beside it, and says under which name. */
  async saveAttachment(attachment: Attachment): Promise<void> {
    const { document } = this;
    if (document === undefined) return;
    const bytes = await contentOf(document, attachment);
    const saved =
      bytes &&
      (await this.frame.file.call('saveFound', [attachment.name, bytes]).catch(() => null));
    this.say(saved ? m.pdf_attachment_saved({ name: saved }) : m.pdf_attachment_failed());
  }

  /** The keyboard goes to the pages. */
  focus(): void {
    if (this.#shown !== undefined) scrollerOf(this.#shown.viewer).focus();
  }

  /** One after the other; false when nothing was open. */
  closeTop(): boolean {
    if (this.print.close()) return true;
    if (this.more) this.more = false;
    else if (this.find.isOpen) this.find.close();
    else if (this.editing.tool !== 'none') this.editing.choose('none');
    else if (this.sidebar) this.sidebar = false;
    else return false;
    this.focus();
    return true;
  }

  async #open(sizeBytes: number, at: Place): Promise<void> {
    const { file, page } = this.frame;
    const opened = await openPdf({
      file,
      page,
      worker: this.#worker!,
      sizeBytes,
      askPassword: (isWrong, answer) => this.password.ask(isWrong, answer),
      onFailure: () => void page.call('fail', ['unread']),
    });
    this.password.end();
    // Without it nothing can be shown.
    await opened.document.getPage(1);
    this.#opened = opened;
    this.#place = at;
    this.editing.watch(opened.document);
    this.#shown!.show(opened.document);
    this.document = opened.document;
    this.pages = opened.document.numPages;
    if (document.hasFocus() && document.activeElement === document.body) this.focus();
  }

  #listen({ events, viewer }: ShownPdf): void {
    events.on('pagesinit', () => {
      const { page, fit, scroll } = this.#place;
      viewer.currentScaleValue = fit ?? 'auto';
      this.#arriving = page > 1 && page <= this.pages && scroll === undefined ? page : undefined;
      this.#arrive(viewer);
      if (scroll !== undefined) scrollerOf(viewer).scrollTo(scroll);
    });
    events.on('pagechanging', ({ pageNumber }: { pageNumber: number }) => {
      this.page = pageNumber;
      void this.frame.page.call('keepPlace', [pageNumber - 1, this.pages]);
    });
    events.on(
      'scalechanging',
      ({ scale, presetValue }: { scale: number; presetValue?: string }) => {
        this.scale = scale;
        this.fit = presetValue ?? String(scale);
      },
    );
    events.on('pagerendered', ({ pageNumber }: { pageNumber: number }) => {
      this.#markFirstPage();
      if (this.#arriving !== pageNumber) return;
      this.#arrive(viewer);
      this.#arriving = undefined;
    });
    this.find.listen(events);
    this.editing.listen(events);
  }

  #arrive(viewer: ShownPdf['viewer']): void {
    if (this.#arriving !== undefined) viewer.currentPageNumber = this.#arriving;
  }

  /** What fits goes on fitting when the window has another size. */
  #fitAlways(container: HTMLElement, { viewer }: ShownPdf): void {
    const observer = new ResizeObserver(() => {
      if (this.document === undefined) return;
      if (Number.isNaN(Number(this.fit))) viewer.currentScaleValue = this.fit;
      this.#arrive(viewer);
      viewer.update();
    });
    // Not its inside: a scrollbar that comes or goes is no other size of the window.
    observer.observe(container, { box: 'border-box' });
  }

  /** For measurements: the bytes that the first page took. */
  #markFirstPage(): void {
    if (performance.getEntriesByName(FIRST_PAGE).length > 0) return;
    performance.mark(FIRST_PAGE, { detail: { readBytes: this.#opened?.transport.readBytes } });
  }

  /** Says it to everybody for some seconds. */
  say(notice: string): void {
    this.notice = notice;
    setTimeout(() => {
      if (this.notice === notice) this.notice = '';
    }, NOTICE_MS);
  }
}

const FIRST_PAGE = 'pdf-first-page';
const NOTICE_MS = 5_000;

interface Place {
  readonly page: number;
  readonly fit?: string;
  readonly scroll?: ScrollToOptions;
}

const scrollerOf = (viewer: ShownPdf['viewer']): HTMLElement => viewer.container as HTMLElement;

/** pdf.js could make nothing of the bytes. */
function isOfPdf(error: unknown): boolean {
  const names = [
    'InvalidPDFException',
    'UnknownErrorException',
    'FormatError',
    'PasswordException',
  ];
  return error instanceof Error && names.includes(error.name);
}
