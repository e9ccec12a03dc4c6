/**
 * Copying a whole document. Most of its pages are not drawn, so their texts are read first; pdf.js
 * would then write to the clipboard by itself, which a frame may not.
 */
import type { PDFViewer } from './library.ts';

export function copyWhole(viewer: PDFViewer): void {
  let text: string | undefined;
  const copy = (event: ClipboardEvent): void => {
    if (text === undefined && !isWholeSelected()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (text === undefined) return void read();
    event.clipboardData?.setData('text/plain', text);
    text = undefined;
  };
  const read = async (): Promise<void> => {
    text = ((await viewer.getAllText()) as string | null) ?? undefined;
    // As if asked for again: only an event of this kind can give something to the clipboard.
    if (text !== undefined && !document.execCommand('copy')) text = undefined;
  };
  document.addEventListener('copy', copy, { capture: true });
}

/** pdf.js puts an element before the pages that only a selection of all has in it. */
function isWholeSelected(): boolean {
  const mark = document.querySelector('#hiddenCopyElement');
  return mark !== null && document.getSelection()?.containsNode(mark) === true;
}
