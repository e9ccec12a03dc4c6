/** The thread that reads PDF files: pdf.js' own, as one classic script. */
import './worker-policy.ts';
import 'pdfjs-dist/legacy/build/pdf.worker.mjs';
