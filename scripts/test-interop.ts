/**
 * `npm run test:interop`: our node and the built page with a real Kubo, which is built from its Go
 * module once where Go is there. Runs `tests/kubo/`, and ends with `N passed, N failed, N skipped`;
 * what could not be had is said in words.
 *
 * `npm run test:interop -- --apps DIR`: every folder below DIR that has `assets/` is an app as its
 * author left it. Each is installed into a drive in Chromium and started in every way its manifest
 * offers. What it throws, what it asks for and what it is refused is printed, then a table, and as
 * the last line `N passed, N failed`. The exit code is 1 if an app failed, 2 for a command that makes
 * no sense. `--only a,b` runs the named folders; `--samples DIR` has files to open apps on, told apart by
 * their extensions.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Site } from '../tests/browser/site.ts';
import { details, hasPassed, table, type AppReport } from '../tests/interop/apps/report.ts';
import { runApps, type AppsToRun } from '../tests/interop/apps/run-apps.ts';
import { buildSite, DIST } from './build.ts';
import { findKubo } from './ipfs/kubo-program.ts';
import { ensureChromium } from './programs.ts';
import { runReportedTests } from './reported-tests.ts';

const USAGE = 'Usage: npm run test:interop [-- --apps DIR [--only NAME,NAME] [--samples DIR]]';

process.exit(await main());

async function main(): Promise<number> {
  const wanted = readCommand();
  if (wanted === undefined) {
    console.error(USAGE);
    return 2;
  }
  return wanted === 'kubo' ? withKubo() : withApps(wanted);
}

async function withKubo(): Promise<number> {
  const kubo = findKubo();
  const missing = kubo.reason === undefined ? [] : [kubo.reason];
  const named = process.env['PYRGOS_SITE'];
  const site = named ?? (kubo.path !== undefined && buildSite() ? DIST : undefined);
  if (site === undefined && kubo.path !== undefined) missing.push('the site could not be built.');
  let chromium: string | undefined;
  try {
    chromium = kubo.path === undefined ? undefined : ensureChromium();
  } catch (error) {
    missing.push(error instanceof Error ? error.message : String(error));
  }
  const folder = mkdtempSync(join(tmpdir(), 'pyrgos-interop-'));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const config = join('tests', 'kubo', 'vitest.config.ts');
  const environment = { PYRGOS_KUBO: kubo.path, PYRGOS_SITE: site, CHROMIUM: chromium };
  return (await runReportedTests({ config, folder, environment, missing })) ? 0 : 1;
}

async function withApps(wanted: AppsToRun): Promise<number> {
  process.env['CHROMIUM'] = ensureChromium();
  if (process.env['PYRGOS_SITE'] === undefined && !buildSite()) {
    console.error('The site could not be built; the lines above say why.');
    return 1;
  }
  const site = await Site.open();
  const reports: AppReport[] = [];
  try {
    await runApps(wanted, site.root, (report) => {
      reports.push(report);
      console.log(details(report));
    });
  } finally {
    await site.stop();
  }
  console.log(`\n${table(reports)}`);
  return reports.length > 0 && reports.every(hasPassed) ? 0 : 1;
}

function readCommand(): AppsToRun | 'kubo' | undefined {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ options: { apps: text, only: text, samples: text } });
    const { apps: folder, only, samples } = values;
    if (folder === undefined) {
      return only === undefined && samples === undefined ? 'kubo' : undefined;
    }
    if (![folder, samples ?? folder].every(existsSync)) return undefined;
    return { folder, only: only?.split(','), samples };
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}
