/** The viewer of PDF files. */
import { mount } from 'svelte';
import type { ViewerFrame } from '../shared/viewer-frame.ts';
import '../../app.css';
import 'pdfjs-dist/legacy/web/pdf_viewer.css';
import './pdf.css';
import { PdfState } from './pdf-state.svelte.ts';
import Pdf from './Pdf.svelte';

/** Called by the document's first script. */
export function start(frame: ViewerFrame): void {
  const root = document.documentElement;
  root.lang = 'en';
  root.dataset['theme'] = frame.theme;
  const pdf = new PdfState(frame);
  mount(Pdf, { target: document.body, props: { pdf } });
  frame.serve({
    theme: async (_context, theme) => void (root.dataset['theme'] = theme),
    async command(_context, command) {
      if (command === 'save') await pdf.editing.save();
      if (command === 'find') pdf.find.open();
      if (command === 'print') pdf.print.open();
    },
    focus: async () => pdf.focus(),
  });
}
