/** How the lines of a text end. */
export const LINE_ENDS = { lf: '\n', crlf: '\r\n', cr: '\r' } as const;
/** `mixed`: more than one of them; such a text keeps each as it is. */
export type LineEnds = keyof typeof LINE_ENDS | 'mixed';

/** What the lines end in; a text of one line has none yet and gets line feeds. */
export function lineEndsOf(text: string): LineEnds {
  const found = new Set<LineEnds>();
  for (let at = nextEnd(text, 0); at >= 0 && found.size < 2;) {
    const isPair = text[at] === '\r' && text[at + 1] === '\n';
    found.add(isPair ? 'crlf' : text[at] === '\r' ? 'cr' : 'lf');
    at = nextEnd(text, at + (isPair ? 2 : 1));
  }
  const [only = 'lf', another] = found;
  return another === undefined ? only : 'mixed';
}

function nextEnd(text: string, from: number): number {
  const feed = text.indexOf('\n', from);
  const back = text.indexOf('\r', from);
  if (feed < 0 || back < 0) return Math.max(feed, back);
  return Math.min(feed, back);
}

/** With line feeds only; a mixed text as it is. */
export function withLineFeeds(text: string, ends: LineEnds): string {
  return ends === 'lf' || ends === 'mixed' ? text : text.replaceAll(LINE_ENDS[ends], '\n');
}

/** The way back: line feeds become these. */
export function withLineEnds(text: string, ends: LineEnds): string {
  return ends === 'lf' || ends === 'mixed' ? text : text.replaceAll('\n', LINE_ENDS[ends]);
}

/** Every line of a mixed text ends in a line feed. */
export function unified(text: string): string {
  return text.replaceAll(/\r\n?/gu, '\n');
}
