/** Items of lists that can be ticked. */
import type { TextChange } from '../text/text-source.ts';

const TASK_LINE = /^(?:[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+)+\[([ xX])\](?=\s|$)/u;

/** The change that ticks or unticks the task on a line; undefined where there is none. */
export function toggleTask(text: string, line: number): TextChange | undefined {
  let start = 0;
  for (let at = 0; at < line; at++) {
    const end = text.indexOf('\n', start);
    if (end < 0) return undefined;
    start = end + 1;
  }
  const end = text.indexOf('\n', start);
  const [found, mark] = TASK_LINE.exec(text.slice(start, end < 0 ? undefined : end)) ?? [];
  if (found === undefined) return undefined;
  const from = start + found.length - 2;
  return { from, to: from + 1, insert: mark === ' ' ? 'x' : ' ' };
}
