/** What is said of each app, and of all together. */
import type { AppCall } from './call-record.ts';
import type { Seen } from './watch-app.ts';

/** One start of an app. */
export interface Start extends Seen {
  /** By itself, on a file or on a folder. */
  readonly way: 'alone' | 'file' | 'folder';
  /** What was thrown and caught by nobody. */
  readonly errors: readonly string[];
  readonly calls: readonly AppCall[];
}

export interface AppReport {
  /** The name of the app's folder. */
  readonly name: string;
  readonly title: string;
  readonly starts: readonly Start[];
  /** It could not be installed, and why. */
  readonly failure?: string;
}

/**
 * It was installed, and shows something without an error. An app that opens files or folders is judged
 * by how it does that: many of them have nothing to show by themselves.
 */
export function hasPassed({ starts, failure }: AppReport): boolean {
  const last = starts.at(-1);
  return failure === undefined && last?.isStarted === true && last.errors.length === 0;
}

/** Everything that was seen of one app, in lines. */
export function details(report: AppReport): string {
  const { name, failure, starts } = report;
  const lines = [`${hasPassed(report) ? '✓' : '✗'} ${name}`];
  if (failure !== undefined) lines.push(`    not installed: ${failure}`);
  else if (starts.length === 0) lines.push('    its manifest offers no way to start it');
  for (const { way, isStarted, errors, refused, calls } of starts) {
    lines.push(`    ${way}: ${isStarted ? 'started' : 'shows nothing'}`);
    for (const error of new Set(errors)) lines.push(`      error: ${error}`);
    for (const each of refused) lines.push(`      refused: ${each}`);
    const told = calls.map(
      (call) => `${call.method} ${call.address} → ${statusWords(call.status)}`,
    );
    for (const [call, count] of counted(told)) {
      lines.push(`      ${call}${count > 1 ? `, ${String(count)} times` : ''}`);
    }
  }
  return lines.join('\n');
}

function counted(texts: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

/** A row for each app, and the count that a script can read. */
export function table(reports: readonly AppReport[]): string {
  const width = Math.max(3, ...reports.map(({ name }) => name.length));
  const row = (...cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd([4 + width, 24, 8, 8][at] ?? 0))
      .join('')
      .trimEnd();
  const rows = reports.map((report) => {
    const { starts, failure } = report;
    const ways = starts.map(({ way, isStarted }) => (isStarted ? way : `not ${way}`)).join(', ');
    const count = (of: (start: Start) => number): string =>
      String(starts.reduce((sum, start) => sum + of(start), 0));
    return row(
      `${hasPassed(report) ? '✓' : '✗'} ${report.name}`,
      failure === undefined ? ways || 'no way' : 'not installed',
      count(({ errors }) => errors.length),
      count(({ calls }) => calls.length),
      count(({ calls }) => calls.filter(({ status = 0 }) => status < 200 || status >= 400).length),
    );
  });
  const passed = reports.filter(hasPassed).length;
  return [
    row('  app', 'started', 'errors', 'calls', 'refused'),
    ...rows,
    '',
    `${String(passed)} passed, ${String(reports.length - passed)} failed`,
  ].join('\n');
}

function statusWords(status: number | undefined): string {
  if (status === undefined) return 'no answer yet';
  return status === 0 ? 'an error' : String(status);
}
