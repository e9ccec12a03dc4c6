/**
 * Formulas in Markdown: `$…$` in a line, `$$…$$` and blocks of code in the language `math` by
 * themselves. Here they are only told apart from the text; `show-formulas.ts` draws them.
 */
import type MarkdownIt from 'markdown-it';
import type { StateBlock, StateInline } from 'markdown-it';

/** Longer ones stay as they are written. */
const LONGEST_UNITS = 10_000;
const DOLLAR = 0x24;

/** @param mark names what this program put in: no text can know it */
export function findFormulas(markdown: InstanceType<typeof MarkdownIt>, mark: string): void {
  markdown.inline.ruler.after('escape', 'formula', inLine);
  markdown.block.ruler.after('blockquote', 'formula', block, {
    alt: ['paragraph', 'reference', 'blockquote', 'list'],
  });
  const { escapeHtml } = markdown.utils;
  markdown.renderer.rules['formula'] = (tokens, at) => {
    const { content, block: isBlock } = tokens[at]!;
    const kind = isBlock ? 'block' : 'line';
    return `<code data-formula="${mark}:${kind}">${escapeHtml(content)}</code>`;
  };
  markdown.core.ruler.push('formulas', ({ tokens }) => {
    for (const token of tokens) {
      if (token.type !== 'fence' || token.info.trim() !== 'math') continue;
      if (token.content.length > LONGEST_UNITS) continue;
      Object.assign(token, { type: 'formula', block: true });
    }
  });
}

/**
 * As other programs tell a formula from two sums of money: no blank after the first sign and before
 * the last one, and no digit behind it.
 */
function inLine(state: StateInline, isSilent: boolean): boolean {
  const { src, pos, posMax } = state;
  if (src.charCodeAt(pos) !== DOLLAR) return false;
  const width = src.charCodeAt(pos + 1) === DOLLAR ? 2 : 1;
  const sign = '$'.repeat(width);
  const start = pos + width;
  if (start >= posMax || (width === 1 && /\s/u.test(src[start]!))) return false;
  const end = closing(src, sign, start, Math.min(posMax, start + LONGEST_UNITS));
  if (end === undefined || end === start) return false;
  if (width === 1 && (/\s/u.test(src[end - 1]!) || /\d/u.test(src[end + 1] ?? ''))) return false;
  if (!isSilent) state.push('formula', 'code', 0).content = src.slice(start, end);
  state.pos = end + width;
  return true;
}

/** Where the sign stands next, without a backslash before it. */
function closing(src: string, sign: string, from: number, limit: number): number | undefined {
  for (let at = from; at + sign.length <= limit; at++) {
    if (src[at] === '\\') at += 1;
    else if (src.startsWith(sign, at)) return at;
  }
  return undefined;
}

/** From a line that begins with `$$` to one that ends with it. */
function block(state: StateBlock, startLine: number, endLine: number, isSilent: boolean): boolean {
  const textOf = (line: number): string =>
    state.src.slice(state.bMarks[line]! + state.tShift[line]!, state.eMarks[line]!).trimEnd();
  const first = textOf(startLine);
  if (!first.startsWith('$$')) return false;
  const lines: string[] = [];
  for (let line = startLine, units = 0; line < endLine && units <= LONGEST_UNITS; line++) {
    const text = line === startLine ? first.slice(2) : textOf(line);
    units += text.length;
    if (!text.endsWith('$$')) {
      lines.push(text);
      continue;
    }
    if (isSilent) return true;
    const token = state.push('formula', 'code', 0);
    token.block = true;
    token.content = [...lines, text.slice(0, -2)].join('\n').trim();
    token.map = [startLine, line + 1];
    state.line = line + 1;
    return true;
  }
  return false;
}
