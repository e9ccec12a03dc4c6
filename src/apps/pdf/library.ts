/**
 * pdf.js, in its build for browsers that are some years old. The viewer takes the core from a global
 * that the core makes, so the core is imported first.
 */
export {
  AnnotationEditorParamsType,
  AnnotationEditorType,
  AnnotationMode,
  getDocument,
  PasswordResponses,
  PDFDataRangeTransport,
  PDFWorker,
  TouchManager,
} from 'pdfjs-dist/legacy/build/pdf.mjs';
export type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist/legacy/build/pdf.mjs';
export {
  EventBus,
  LinkTarget,
  PDFFindController,
  PDFLinkService,
  PDFViewer,
} from 'pdfjs-dist/legacy/web/pdf_viewer.mjs';
