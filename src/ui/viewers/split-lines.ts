import { graphemeCut } from '../text/graphemes.ts';

/** A line longer than this is broken, so that one line of a gigabyte cannot stop the page. */
const LONGEST = 2_000;

/** Text as the lines of a virtual list; very long ones in pieces, cut between signs. */
export function splitLines(text: string): { number: number | undefined; text: string }[] {
  const lines: { number: number | undefined; text: string }[] = [];
  text.split(/\r\n|\n|\r/u).forEach((line, at) => {
    let from = 0;
    do {
      const length = line.length - from <= LONGEST ? line.length - from : lengthOf(line, from);
      const number = from === 0 ? at + 1 : undefined;
      lines.push({ number, text: line.slice(from, from + length) });
      from += length;
    } while (from < line.length);
  });
  return lines;
}

/** Of the next piece; only as much of the line is looked at as may be in it. */
function lengthOf(line: string, from: number): number {
  return graphemeCut(line.slice(from, from + 2 * LONGEST), LONGEST);
}
