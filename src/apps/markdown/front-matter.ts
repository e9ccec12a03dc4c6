/** What stands between two lines of dashes at the beginning of a document: its properties. */
export interface FrontMatter {
  /** Name and value of each property, as they are written. */
  readonly rows: readonly (readonly [name: string, value: string])[];
  /** Lines that it takes, its dashes included. */
  readonly lineCount: number;
}

const MOST_LINES = 200;
const PROPERTY = /^([\w$.-][^:#]{0,80}):(?:\s+(.*))?$/u;

/** Undefined where the text does not begin with any. Only simple properties are told apart. */
export function frontMatterOf(text: string): FrontMatter | undefined {
  if (!/^---[ \t]*\n/u.test(text)) return undefined;
  const lines = text.split('\n', MOST_LINES);
  const end = lines.findIndex((line, at) => at > 0 && /^(?:---|\.\.\.)[ \t]*$/u.test(line));
  if (end < 0) return undefined;
  const rows: [string, string][] = [];
  for (const line of lines.slice(1, end)) {
    const [, name, value = ''] = PROPERTY.exec(line) ?? [];
    const last = rows.at(-1);
    if (name !== undefined) rows.push([name.trim(), plain(value)]);
    else if (line.trim() !== '' && !line.startsWith('#')) {
      const more = plain(line.trim().replace(/^- +/u, ''));
      if (last === undefined) rows.push(['', more]);
      else last[1] = last[1] === '' ? more : `${last[1]}, ${more}`;
    }
  }
  return { rows, lineCount: end + 1 };
}

/** Without quotes around it, or brackets around a list. */
function plain(value: string): string {
  const text = value.trim();
  const [, , quoted] = /^(["'])(.*)\1$/u.exec(text) ?? [];
  if (quoted !== undefined) return quoted;
  const [, list] = /^\[(.*)\]$/u.exec(text) ?? [];
  return list === undefined ? text : list.split(',').map(plain).join(', ');
}
