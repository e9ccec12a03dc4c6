/**
 * `npm run test:interop -- --apps DIR`: every folder below DIR that has `assets/` is an app as its
 * author left it. Each is installed into a drive in Chromium and started in every way its manifest
 * offers. What it throws, what it asks for and what it is refused is printed, then a table, and as
 * the last line `N passed, N failed`. The exit code is 1 if an app failed, 2 for a command that makes
 * no sense. `--only a,b` runs the named folders; `--samples DIR` has files to open apps on, told apart by
 * their extensions.
 */
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Site } from '../tests/browser/site.ts';
import { details, hasPassed, table, type AppReport } from '../tests/interop/apps/report.ts';
import { runApps, type AppsToRun } from '../tests/interop/apps/run-apps.ts';
import { buildSite } from './build.ts';
import { ensureChromium } from './programs.ts';

const USAGE = 'Usage: npm run test:interop -- --apps DIR [--only NAME,NAME] [--samples DIR]';

process.exit(await main());

async function main(): Promise<number> {
  const wanted = readCommand();
  if (wanted === undefined) {
    console.error(USAGE);
    return 2;
  }
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

function readCommand(): AppsToRun | undefined {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ options: { apps: text, only: text, samples: text } });
    const { apps: folder, only, samples } = values;
    if (folder === undefined || ![folder, samples ?? folder].every(existsSync)) return undefined;
    return { folder, only: only?.split(','), samples };
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}
