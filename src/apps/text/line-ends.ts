/** How the lines of a text end. */
export const LINE_ENDS = { lf: '\n', crlf: '\r\n', cr: '\r' } as const;
/** `mixed`: more than one of them; such a text keeps each as it is. */
export type LineEnds = keyof typeof LINE_ENDS | 'mixed';

/** What the lines end in; a text of one line has none yet and gets line feeds. */
export function lineEndsOf(text: string): LineEnds {
  const hasReturns = text.includes('\r');
  const found: LineEnds[] = [];
  if (hasReturns ? /(?<!\r)\n/u.test(text) : text.includes('\n')) found.push('lf');
  if (hasReturns && text.includes('\r\n')) found.push('crlf');
  if (hasReturns && /\r(?!\n)/u.test(text)) found.push('cr');
  const [only = 'lf', another] = found;
  return another === undefined ? only : 'mixed';
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
