/** What the lines of a text are indented with. */
export interface Indentation {
  readonly kind: 'tabs' | 'spaces';
  /** Columns of one level. */
  readonly width: number;
}

const SAMPLE_LINES = 2_000;
const SAMPLE_UNITS = 256 * 1024;
const WIDTHS = [2, 4, 8, 3, 6];
export const DEFAULT_INDENTATION: Indentation = { kind: 'spaces', width: 2 };
const TAB_WIDTH = 4;

/** By what most lines begin with, and by how much each is deeper than the one before. */
export function indentationOf(text: string): Indentation {
  const lines = text.slice(0, SAMPLE_UNITS).split(/\r\n?|\n/u, SAMPLE_LINES);
  let tabs = 0;
  let spaces = 0;
  let before = 0;
  const steps = new Map<number, number>();
  for (const line of lines) {
    const [blank = ''] = /^[\t ]*/u.exec(line) ?? [];
    if (blank.length === line.length) continue;
    if (blank.startsWith('\t')) tabs += 1;
    else if (blank.length > 1) spaces += 1;
    const isOfSpaces = !blank.includes('\t');
    // A star after one blank continues a comment.
    const depth = isOfSpaces && blank.length !== 1 ? blank.length : before;
    const step = Math.abs(depth - before);
    if (step > 1) steps.set(step, (steps.get(step) ?? 0) + 1);
    before = depth;
  }
  if (tabs > spaces) return { kind: 'tabs', width: TAB_WIDTH };
  const counted = (width: number): number => steps.get(width) ?? 0;
  const width = WIDTHS.reduce((best, one) => (counted(one) > counted(best) ? one : best));
  return spaces === 0 || counted(width) === 0 ? DEFAULT_INDENTATION : { kind: 'spaces', width };
}

/** One level. */
export function indentUnitOf({ kind, width }: Indentation): string {
  return kind === 'tabs' ? '\t' : ' '.repeat(width);
}
