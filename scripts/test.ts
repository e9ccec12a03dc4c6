/**
 * `npm test`: every check there is, each run even when an earlier one failed, one summary, the tests
 * that failed or passed only at their second try by name, and as the last line `N passed, N failed` over
 * unit tests, browser tests and checks (each counts one).
 *
 * Checks that read the sources run beside each other, tests alone.
 *
 * Options: `--only unit,browser` runs the named steps; `--list` names them; `--long` runs what
 * takes longer than `npm test` may: the longest stories, and tables that it only samples.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from './build.ts';
import { ensureChromium, ensureFfmpeg } from './programs.ts';
import {
  browserOutcome,
  unitOutcome,
  type BrowserReport,
  type TestOutcome,
  type UnitReport,
} from './test-reports.ts';

interface Step {
  readonly name: string;
  readonly run: () => Promise<TestOutcome>;
}

const REPORTS = join(ROOT, '.cache', 'reports');
const UNIT_REPORT = join(REPORTS, 'unit.json');
const BROWSER_REPORT = join(REPORTS, 'browser.json');

/** The steps of a stage run beside each other, two at a time; a stage begins when one has ended. */
type Stage = readonly Step[];
const SIDE_BY_SIDE = 2;

// First: it also compiles the messages, which the other checks read.
const BUILD = check('build', '../scripts/build.ts', []);
const UNIT: Step = { name: 'unit', run: runUnitTests };
const BROWSER: Step = { name: 'browser', run: runBrowserTests };

/** The longest first. */
const SOURCES: Stage = [
  check('lint', 'eslint/bin/eslint.js', ['--max-warnings', '0', '.']),
  check('types', 'svelte-check/bin/svelte-check', [
    '--tsconfig',
    'tsconfig.json',
    '--fail-on-warnings',
    '--output',
    'human',
  ]),
  // In a copy of its own below `.cache/`, which no other check reads.
  check('reproducible build', '../scripts/reproducible.ts', []),
  check('format', 'prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']),
  check('types of the service worker', 'typescript/bin/tsc', ['-p', 'src/service-worker']),
  check('floors', 'dependency-cruiser/bin/dependency-cruiser.mjs', [
    '--config',
    '.dependency-cruiser.mjs',
    'src',
    'scripts',
    'tests',
  ]),
  check('dead code', 'knip/bin/knip.js', []),
];

const STAGES: readonly Stage[] = [
  [BUILD],
  SOURCES,
  [UNIT],
  [BROWSER],
  // The main story; said to be skipped where there is no Firefox and none can be installed.
  [check('Firefox', '../scripts/browsers.ts', ['--only', 'firefox'])],
];
const LONG_STAGES: readonly Stage[] = [[BUILD], [UNIT], [BROWSER]];

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    list: { type: 'boolean' },
    long: { type: 'boolean' },
  },
});
if (values.long === true) process.env['LONG_TESTS'] = '1';
const stages = values.long === true ? LONG_STAGES : STAGES;
if (values.list === true) {
  console.log(
    stages
      .flat()
      .map(({ name }) => name)
      .join('\n'),
  );
} else {
  process.exitCode = (await runStages(chosenStages(values.only))) ? 0 : 1;
}

function chosenStages(only: string | undefined): readonly Stage[] {
  if (only === undefined) return stages;
  const names = only.split(',').map((name) => name.trim());
  return stages.map((stage) => stage.filter(({ name }) => names.includes(name)));
}

async function runStages(chosen: readonly Stage[]): Promise<boolean> {
  mkdirSync(REPORTS, { recursive: true });
  const lines: string[] = [];
  const flaky: string[] = [];
  const failures: string[] = [];
  let passed = 0;
  let failed = 0;
  for (const stage of chosen) {
    const waiting = [...stage];
    const work = async (): Promise<void> => {
      for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
        const { outcome, line } = await runStep(step);
        passed += outcome.passed;
        failed += outcome.failed;
        flaky.push(...outcome.flaky);
        failures.push(...outcome.failures);
        lines.push(line);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
  }
  console.log(`\n${lines.join('\n')}\n`);
  if (failures.length > 0) console.log(`Failed:\n  ${failures.join('\n  ')}\n`);
  if (flaky.length > 0) console.log(`Passed only at the second try:\n  ${flaky.join('\n  ')}\n`);
  console.log(`${String(passed)} passed, ${String(failed)} failed`);
  return failed === 0 && passed > 0;
}

async function runStep({ name, run }: Step): Promise<{ outcome: TestOutcome; line: string }> {
  console.log(`\n▸ ${name}`);
  const start = performance.now();
  const outcome = await run().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    return one(false);
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1).padStart(7);
  const counts = `${String(outcome.passed)} passed, ${String(outcome.failed)} failed`;
  const mark = outcome.failed === 0 ? '✓' : '✗';
  return { outcome, line: `${mark} ${name.padEnd(28)}${seconds} s   ${counts}` };
}

/** A program out of node_modules that passes or fails as a whole. */
function check(name: string, script: string, args: readonly string[]): Step {
  const path = join(ROOT, 'node_modules', script);
  return { name, run: async () => one((await runNode(path, args)) === 0) };
}

async function runUnitTests(): Promise<TestOutcome> {
  rmSync(UNIT_REPORT, { force: true });
  const code = await runNode(join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'), [
    'run',
    // As the browser tests have it: one that passes only then is named at the end.
    '--retry=1',
    '--reporter=dot',
    '--reporter=json',
    `--outputFile.json=${UNIT_REPORT}`,
  ]);
  const report = readReport(UNIT_REPORT) as UnitReport | undefined;
  if (report === undefined) return one(false);
  return settle(code, unitOutcome(report, ROOT));
}

async function runBrowserTests(): Promise<TestOutcome> {
  rmSync(BROWSER_REPORT, { force: true });
  const env = {
    CHROMIUM: ensureChromium(),
    FFMPEG: ensureFfmpeg(),
    PLAYWRIGHT_JSON_OUTPUT_NAME: BROWSER_REPORT,
  };
  const cli = join(ROOT, 'node_modules', '@playwright', 'test', 'cli.js');
  const args = ['test', '--config', 'tests/browser/playwright.config.ts', '--reporter=list,json'];
  const code = await runNode(cli, args, env);
  const report = readReport(BROWSER_REPORT) as BrowserReport | undefined;
  if (report === undefined) return one(false);
  return settle(code, browserOutcome(report));
}

/** A run that failed without a failed test (a file that would not load) has failed all the same. */
function settle(code: number, outcome: TestOutcome): TestOutcome {
  return code !== 0 && outcome.failed === 0 ? { ...outcome, failed: 1 } : outcome;
}

function one(isGood: boolean): TestOutcome {
  return { passed: Number(isGood), failed: Number(!isGood), flaky: [], failures: [] };
}

function readReport(path: string): unknown {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

function runNode(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [script, ...args], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...env },
    });
    child.once('error', () => {
      resolve(1);
    });
    child.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
}
