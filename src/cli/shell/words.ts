/** Lines as a person's shell reads them: blanks, quotes, backslashes. */
import { Misused } from '../errors.ts';

export interface Word {
  /** What is meant. */
  readonly text: string;
  /** Where it begins in the line. */
  readonly start: number;
  /** The quote that is open at its end, or none. */
  readonly quote: '' | '"' | "'";
}

/** Words of a line. Throws `Misused` where a quote stays open. */
export function words(line: string): string[] {
  const found = splitWords(line);
  if (found.some(({ quote }) => quote !== '')) throw new Misused('A quote is not closed.');
  return found.map(({ text }) => text);
}

/** Words with their places; only the last may have an open quote. */
export function splitWords(line: string): Word[] {
  const found: Word[] = [];
  let text: string | undefined;
  let start = 0;
  let quote: Word['quote'] = '';
  const add = (more: string, at: number): void => {
    if (text === undefined) start = at;
    text = (text ?? '') + more;
  };
  for (let at = 0; at < line.length; at++) {
    const unit = line[at] ?? '';
    if (quote === '' && /\s/u.test(unit)) {
      if (text !== undefined) found.push({ text, start, quote });
      text = undefined;
    } else if (quote === '' && (unit === '"' || unit === "'")) {
      add('', at);
      quote = unit;
    } else if (quote !== '' && unit === quote) {
      quote = '';
    } else if (unit === '\\' && quote !== "'" && at + 1 < line.length) {
      add(line[at + 1] ?? '', at);
      at++;
    } else {
      add(unit, at);
    }
  }
  if (text !== undefined) found.push({ text, start, quote });
  return found;
}

/** A word written so that {@link words} reads it as it is, going on in a quote that is open. */
export function quoted(text: string, quote: Word['quote']): string {
  if (quote === "'") return `'${text.replaceAll("'", String.raw`'\''`)}`;
  if (quote === '"') return `"${text.replaceAll(/["\\]/gu, String.raw`\$&`)}`;
  return text.replaceAll(/[\s\\'"]/gu, String.raw`\$&`);
}
