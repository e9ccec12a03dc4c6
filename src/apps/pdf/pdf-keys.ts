/** Keys of the PDF viewer; what is none of its goes to the page around it, or to pdf.js' editor. */
import type { PageKey } from '#lib/frames/index.ts';
import type { PdfState } from './pdf-state.svelte.ts';

/** Keys that the page around the frame has. */
const OF_PAGE: Readonly<Record<string, PageKey>> = { '?': 'help', N: 'next', P: 'previous' };

/** What a key does; undefined for one that somebody else takes. */
export function pdfKey(event: KeyboardEvent, pdf: PdfState): (() => void) | undefined {
  if (event.defaultPrevented || event.altKey) return undefined;
  if (event.ctrlKey || event.metaKey) return commandKey(event, pdf);
  if (event.key === 'Escape') return escapeKey(pdf);
  if (isTyping(event.target)) return undefined;
  if (event.key === 'F3') return () => pdf.find.step(event.shiftKey ? -1 : 1);
  const ofPage = OF_PAGE[event.key];
  if (ofPage !== undefined) return () => void pdf.frame.page.call('key', [ofPage]);
  return event.shiftKey || isOfControl(event.target) ? undefined : pageKey(event, pdf);
}

function commandKey(event: KeyboardEvent, pdf: PdfState): (() => void) | undefined {
  switch (event.key.toLowerCase()) {
    case 's':
      return () => void pdf.editing.save().catch(() => undefined);
    case 'f':
      return () => pdf.find.open();
    case 'g':
      return () => pdf.find.step(event.shiftKey ? -1 : 1);
    case 'p':
      return () => pdf.print.open();
    case '+':
    case '=':
      return () => pdf.zoom(1);
    case '-':
      return () => pdf.zoom(-1);
    case '0':
      return () => pdf.zoomTo('auto');
    default:
      return undefined;
  }
}

/** Closes what is open here, else the viewer. */
function escapeKey(pdf: PdfState): (() => void) | undefined {
  if (document.querySelector('.selectedEditor, .freeTextEditor [contenteditable=true]') !== null) {
    return undefined;
  }
  return () => {
    if (!pdf.closeTop()) void pdf.frame.page.call('key', ['Escape']);
  };
}

/** Up, down and the rest scroll by themselves where the pages have the keyboard. */
function pageKey({ key }: KeyboardEvent, pdf: PdfState): (() => void) | undefined {
  if (document.querySelector('.selectedEditor') !== null) return undefined;
  switch (key) {
    case 'ArrowLeft':
      return () => pdf.goTo(pdf.page - 1);
    case 'ArrowRight':
      return () => pdf.goTo(pdf.page + 1);
    case 'Home':
      return () => pdf.goTo(1);
    case 'End':
      return () => pdf.goTo(pdf.pages);
    case '+':
      return () => pdf.zoom(1);
    case '-':
      return () => pdf.zoom(-1);
    default:
      return undefined;
  }
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select'))
  );
}

function isOfControl(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('[role=tree], [role=tablist]') !== null;
}
