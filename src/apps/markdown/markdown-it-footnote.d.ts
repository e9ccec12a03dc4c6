declare module 'markdown-it-footnote' {
  import type { MarkdownIt } from 'markdown-it';
  /** Footnotes: `[^1]` and `^[in place]`. */
  export default function footnote(markdown: MarkdownIt): void;
}
