/**
 * Markdown to HTML, by markdown-it. The result is as hostile as the text: it becomes a document only
 * through `sanitize.ts`.
 */
import MarkdownIt, { type StateCore } from 'markdown-it';
import footnote from 'markdown-it-footnote';
import { findFormulas } from './formulas.ts';
import type { FrontMatter } from './front-matter.ts';

/** `[ ]`, `[x]` at the beginning of an item. */
const MARK = /^\[([ xX])\](?=\s|$)/u;

/**
 * @param mark names what this program put in: no text can know it
 * @param front is left out; the numbers of lines still count it
 */
export function toHtml(text: string, mark: string, front: FrontMatter | undefined): string {
  const skipped = front?.lineCount ?? 0;
  const markdown = new MarkdownIt({ html: true, linkify: true });
  markdown.use(footnote);
  findFormulas(markdown, mark);
  markdown.core.ruler.push('tasks', (state) => markTasks(state, mark, skipped));
  markdown.core.ruler.push('anchors', nameHeadings);
  return markdown.render(withoutLines(text, skipped));
}

function withoutLines(text: string, count: number): string {
  let start = 0;
  for (let at = 0; at < count && start >= 0; at++) start = text.indexOf('\n', start) + 1;
  return text.slice(start);
}

/** Puts an element for a box in the place of the mark of each task. */
function markTasks({ tokens, Token }: StateCore, mark: string, skipped: number): void {
  for (const [at, token] of tokens.entries()) {
    const [first] = token.children ?? [];
    const isOfItem =
      token.type === 'inline' &&
      tokens[at - 1]?.type === 'paragraph_open' &&
      tokens[at - 2]?.type === 'list_item_open';
    const [whole, tick] = isOfItem ? (MARK.exec(first?.content ?? '') ?? []) : [];
    if (first === undefined || whole === undefined || token.map === null) continue;
    first.content = first.content.slice(whole.length);
    const box = new Token('html_inline', '', 0);
    const line = token.map[0] + skipped;
    box.content = `<span data-task="${mark}:${line}:${tick === ' ' ? '0' : '1'}"></span>`;
    token.children?.unshift(box);
    tokens[at - 2]?.attrJoin('class', 'task');
  }
}

/** Headings can be linked to by their words, as on the sites where most Markdown is written. */
function nameHeadings({ tokens }: StateCore): void {
  const used = new Map<string, number>();
  for (const [at, token] of tokens.entries()) {
    if (token.type !== 'heading_open') continue;
    const slug = slugOf(tokens[at + 1]?.content ?? '');
    const count = used.get(slug) ?? 0;
    used.set(slug, count + 1);
    token.attrSet('id', count === 0 ? slug : `${slug}-${count}`);
  }
}

export function slugOf(words: string): string {
  return words
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/gu, '-');
}
