/**
 * Cutting text where a reader sees an edge. One sign on screen may be many code units: a letter
 * with marks, a flag, a family. Nothing is cut inside one, unless it alone is too long.
 */

/** Browsers before 2024 may not have it. */
const segmenter =
  typeof Intl.Segmenter === 'function'
    ? new Intl.Segmenter(undefined, { granularity: 'grapheme' })
    : undefined;
/** What joins the sign before it, for where there is no segmenter. */
const JOINED = /^(?:\p{M}|\p{Emoji_Modifier}|\u200c|\u200d|\ufe0f|[\u{e0020}-\u{e007f}])/u;
/** Looked at past the place of a cut, for a sign that reaches over it. */
const BEYOND = 64;

/** The sign a text begins with; empty for an empty text. */
export function firstGrapheme(text: string): string {
  return text.slice(0, edgeAfter(text, 0));
}

/**
 * How many code units to take so that no sign is cut: at most `atMost`, unless the first sign alone
 * is longer; then it is cut between characters.
 */
export function graphemeCut(text: string, atMost: number): number {
  if (text.length <= atMost) return text.length;
  const start = text.slice(0, atMost + BEYOND);
  const edge = segmenter?.segment(start).containing(atMost)?.index ?? edgeBefore(start, atMost);
  return edge > 0 ? edge : characterEdge(text, atMost);
}

function edgeAfter(text: string, from: number): number {
  const found = segmenter?.segment(text.slice(from, from + BEYOND)).containing(0);
  if (found !== undefined) return from + found.segment.length;
  let at = from + characterLength(text, from);
  while (at < text.length && JOINED.test(text.slice(at, at + 2))) {
    const isJoiner = text[at] === '\u200d';
    at += characterLength(text, at);
    if (isJoiner && at < text.length) at += characterLength(text, at);
  }
  return Math.min(at, text.length);
}

/** Without a segmenter: the last place at or before this one where a sign may begin. */
function edgeBefore(text: string, at: number): number {
  let edge = characterEdge(text, at);
  while (edge > 0 && (JOINED.test(text.slice(edge, edge + 2)) || text[edge - 1] === '\u200d')) {
    edge = characterEdge(text, edge - 1);
  }
  return edge;
}

/** Not between the two halves of a character. */
function characterEdge(text: string, at: number): number {
  const isSecondHalf = at > 0 && at < text.length && /[\udc00-\udfff]/.test(text[at]!);
  return isSecondHalf && /[\ud800-\udbff]/.test(text[at - 1]!) ? at - 1 : at;
}

function characterLength(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
