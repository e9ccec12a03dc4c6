/**
 * `npm run test:browsers`: the main story in Firefox and WebKit, against the built site. Finds the
 * browsers or installs them, runs `tests/browsers/`, and ends with `N passed, N failed, N skipped`.
 * A browser that could not be had is named and counts as skipped. `--only firefox` runs one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildSite } from './build.ts';
import { ensureFfmpeg, ensureFirefox, ensureWebKit } from './programs.ts';
import { runReportedTests } from './reported-tests.ts';

const BROWSERS = {
  firefox: { variable: 'PYRGOS_FIREFOX', ensure: ensureFirefox },
  webkit: { variable: 'PYRGOS_WEBKIT', ensure: ensureWebKit },
} as const;

const { values } = parseArgs({ options: { only: { type: 'string' } } });
const environment: Record<string, string | undefined> = { FFMPEG: ensureFfmpeg() };
const missing: string[] = [];
for (const [name, { variable, ensure }] of Object.entries(BROWSERS)) {
  environment[variable] = undefined;
  if (values.only !== undefined && values.only !== name) {
    missing.push(`${name} was not asked for.`);
    continue;
  }
  try {
    environment[variable] = ensure();
  } catch (error) {
    missing.push(error instanceof Error ? error.message : String(error));
  }
}
const given = process.env['PYRGOS_SITE'];
if (given === undefined && !buildSite()) throw new Error('The site could not be built.');

const folder = mkdtempSync(join(tmpdir(), 'pyrgos-browsers-'));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const config = join('tests', 'browsers', 'vitest.config.ts');
process.exitCode = (await runReportedTests({ config, folder, environment, missing })) ? 0 : 1;
