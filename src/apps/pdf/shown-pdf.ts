/** pdf.js' own viewer in an element, with what belongs to it: links, finding, touch. */
import { copyWhole } from './copy-whole.ts';
import {
  AnnotationEditorType,
  AnnotationMode,
  EventBus,
  LinkTarget,
  PDFFindController,
  PDFLinkService,
  PDFViewer,
  TouchManager,
  type PDFDocumentProxy,
} from './library.ts';

/** Pixels of one page, at most; what lies in sight is drawn sharp on a canvas of its own. */
const CANVAS_PIXELS = 16 * 1024 * 1024;
/** A canvas is drawn anew when the fingers rest. */
const DRAWING_DELAY_MS = 400;
const HIGHLIGHT_COLORS = 'yellow=#ffe066,green=#8ce99a,blue=#74c0fc,pink=#faa2c1';

export class ShownPdf {
  readonly events = new EventBus();
  readonly viewer: PDFViewer;
  readonly links: PDFLinkService;

  /** The container lies absolutely, and holds one element for the pages. */
  constructor(container: HTMLDivElement, mayEdit: boolean) {
    const eventBus = this.events;
    this.links = new PDFLinkService({ eventBus, externalLinkTarget: LinkTarget.NONE });
    this.viewer = new PDFViewer({
      container,
      eventBus,
      linkService: this.links,
      findController: new PDFFindController({ eventBus, linkService: this.links }),
      annotationMode: mayEdit ? AnnotationMode.ENABLE_FORMS : AnnotationMode.ENABLE,
      annotationEditorMode: mayEdit ? AnnotationEditorType.NONE : AnnotationEditorType.DISABLE,
      annotationEditorHighlightColors: HIGHLIGHT_COLORS,
      ...{ enableHighlightFloatingButton: mayEdit },
      maxCanvasPixels: CANVAS_PIXELS,
    });
    this.links.setViewer(this.viewer);
    copyWhole(this.viewer);
    this.#zoomWithFingers(container);
    this.#zoomWithWheel(container);
  }

  show(document: PDFDocumentProxy): void {
    this.links.setDocument(document);
    this.viewer.setDocument(document);
  }

  #zoomWithFingers(container: HTMLDivElement): void {
    new TouchManager({
      container,
      onPinching: (origin: number[], before: number, distance: number) =>
        this.#zoom(distance / before, origin),
      signal: new AbortController().signal,
    } as unknown as ConstructorParameters<typeof TouchManager>[0]);
  }

  /** Two fingers on a touchpad arrive as a wheel with the control key. */
  #zoomWithWheel(container: HTMLDivElement): void {
    const turn = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 30;
      this.#zoom(Math.exp((-event.deltaY * lines) / 300), [event.clientX, event.clientY]);
    };
    container.addEventListener('wheel', turn, { passive: false });
  }

  #zoom(scaleFactor: number, origin: number[]): void {
    this.viewer.updateScale({ scaleFactor, origin, drawingDelay: DRAWING_DELAY_MS });
  }
}
