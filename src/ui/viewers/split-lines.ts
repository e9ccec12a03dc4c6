/** A line longer than this is broken, so that one line of a gigabyte cannot stop the page. */
const LONGEST = 2_000;

/** Text as the lines of a virtual list; very long ones in pieces. */
export function splitLines(text: string): { number: number | undefined; text: string }[] {
  const lines: { number: number | undefined; text: string }[] = [];
  text.split(/\r\n|\n|\r/u).forEach((line, at) => {
    lines.push({ number: at + 1, text: line.slice(0, LONGEST) });
    for (let from = LONGEST; from < line.length; from += LONGEST) {
      lines.push({ number: undefined, text: line.slice(from, from + LONGEST) });
    }
  });
  return lines;
}
