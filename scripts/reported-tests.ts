/**
 * Runs a folder of tests that is no part of `npm test` and ends with `N passed, N failed, N skipped`.
 * Before and after the run it says in words what could not be had; that counts as skipped.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './build.ts';

export interface ReportedTests {
  /** The folder's Vitest configuration, below the checkout. */
  readonly config: string;
  /** A folder that is removed afterwards. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Why something is missing, each a sentence. */
  readonly missing: readonly string[];
}

/** True when nothing failed. */
export async function runReportedTests({
  config,
  folder,
  environment,
  missing,
}: ReportedTests): Promise<boolean> {
  const startMs = Date.now();
  for (const reason of missing) console.log(`Skipped: ${reason}`);
  const report = join(folder, 'report.json');
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
  const args = ['run', '--config', config, '--reporter=verbose', '--reporter=json'];
  const child = spawn(process.execPath, [vitest, ...args, `--outputFile.json=${report}`], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  });
  process.on('exit', () => child.kill('SIGKILL'));
  const code = await new Promise((resolve) => {
    child.once('error', () => {
      resolve(1);
    });
    child.once('close', resolve);
  });
  if (!existsSync(report)) {
    console.log('0 passed, 1 failed');
    return false;
  }
  const counts = JSON.parse(readFileSync(report, 'utf8')) as {
    readonly numPassedTests: number;
    readonly numFailedTests: number;
    readonly numPendingTests: number;
  };
  for (const reason of missing) console.log(`Skipped: ${reason}`);
  console.log(`\n${((Date.now() - startMs) / 1000).toFixed(0)} s with what was installed`);
  // A file that would not load has failed without a failed test.
  const failed = code === 0 ? counts.numFailedTests : Math.max(1, counts.numFailedTests);
  const [passed, skipped] = [counts.numPassedTests, counts.numPendingTests].map(String);
  console.log(`${passed ?? ''} passed, ${String(failed)} failed, ${skipped ?? ''} skipped`);
  return failed === 0;
}
