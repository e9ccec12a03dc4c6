/**
 * Whether a text is an SVG picture: what its root element is, past declarations, comments and
 * document type. Only its beginning is read, and nothing of it is built.
 */
const MOST_PARTS = 200;
/** Before the root: white space, instructions, comments. */
const PART = /^(?:\s+|<\?[\s\S]*?\?>|<!--[\s\S]*?-->)/u;
const DOCTYPE = /^<!DOCTYPE(?:[^[>"']|"[^"]*"|'[^']*'|\[[\s\S]*?\]\s*(?=>))*>/iu;
const ROOT = /^<(?:[\p{L}_][\p{L}\p{N}_.-]*:)?([\p{L}_][\p{L}\p{N}_.-]*)(?=[\s/>])/u;

/** `unfinished`: the text ends before its root element. */
export function rootIsSvg(text: string): 'yes' | 'no' | 'unfinished' {
  let rest = text.replace(/^\ufeff/u, '');
  for (let parts = 0; parts < MOST_PARTS; parts++) {
    const part = PART.exec(rest) ?? DOCTYPE.exec(rest);
    if (part === null) break;
    rest = rest.slice(part[0].length);
  }
  const root = ROOT.exec(rest);
  if (root !== null) return root[1] === 'svg' ? 'yes' : 'no';
  return /^(?:$|<(?:$|[?!]))/u.test(rest) ? 'unfinished' : 'no';
}
