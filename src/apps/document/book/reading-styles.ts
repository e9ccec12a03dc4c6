/** What a chapter looks like where the book says nothing, and where the reader's choice counts. */

export const PAPERS = ['plain', 'sepia', 'night'] as const;
export type Paper = (typeof PAPERS)[number];

/** Before the book's own sheets. */
export const BASE = `
  body { display: block; margin: 0; overflow-wrap: break-word; hyphens: auto; }
  h1, h2, h3, h4, h5, h6 { line-height: 1.25; text-wrap: balance; hyphens: manual; }
  p { margin-block: 0.7em; }
  blockquote { margin-inline: 1.5em; }
  a { color: var(--book-link); }
  hr { border: 0; border-block-start: 1px solid currentColor; opacity: 0.3; margin-block: 2em; }
  table { border-collapse: collapse; }
  td, th { padding: 0.25em 0.6em; border: 1px solid; vertical-align: top; }
`;

/** After them: nothing is wider than a page, or lies over another page. */
export const LIMITS = `
  :host { font-size: var(--book-size) !important; }
  body {
    position: static !important; block-size: auto !important; inline-size: auto !important;
    max-inline-size: none !important; min-block-size: 0 !important; columns: auto !important;
    margin: 0 !important; padding: 0 !important; overflow: visible !important;
    writing-mode: horizontal-tb !important;
  }
  img, svg, video {
    max-inline-size: 100% !important; max-block-size: var(--book-page) !important;
    object-fit: contain; break-inside: avoid;
  }
  pre { white-space: pre-wrap !important; overflow-wrap: anywhere; }
  h1, h2, h3, h4 { break-after: avoid; break-inside: avoid; }
`;

/** For papers that are not the book's: its colours would not be seen. */
export const OWN_COLOURS = `
  body, body :not(svg, svg *, img, video) {
    color: inherit !important; background-color: transparent !important;
    background-image: none !important; border-color: currentColor !important;
  }
  body a:not(svg *) { color: var(--book-link) !important; }
`;
