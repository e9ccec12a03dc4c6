import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ROOT } from './build.ts';
import {
  browserOutcome,
  unitOutcome,
  type BrowserReport,
  type UnitReport,
} from './test-reports.ts';

const BROWSER_TESTS = `
import { expect, test } from '@playwright/test';
test('passes at once', () => {});
test('passes at its second try', ({}, info) => expect(info.retry).toBe(1));
test.describe('a group', () => {
  test('passes at its second try, too', ({}, info) => expect(info.retry).toBe(1));
  test('never passes', () => expect(1).toBe(2));
});
`;

const UNIT_TESTS = `
import { describe, expect, test } from 'vitest';
test('passes', () => {});
let tries = 0;
test('passes at its second try', () => expect(++tries).toBe(2));
describe('a group', () => {
  test('never passes', () => expect(1).toBe(2));
});
`;

/** A folder below the packages, so that the tests in it find the program that runs them. */
function folderOf(name: string, files: Readonly<Record<string, string>>): string {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, '.cache', name));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
  return folder;
}

function run(cli: readonly string[], args: readonly string[], folder: string): unknown {
  const report = join(folder, 'report.json');
  spawnSync(process.execPath, [join(ROOT, 'node_modules', ...cli), ...args], {
    cwd: folder,
    env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  });
  return JSON.parse(readFileSync(report, 'utf8'));
}

test('of browser tests, failures and second tries are named', () => {
  const folder = folderOf('browser-report-', {
    'some.spec.ts': BROWSER_TESTS,
    'playwright.config.ts': 'export default { retries: 1 };\n',
  });
  const args = ['test', '--config', folder, '--reporter=json'];
  const report = run(['@playwright', 'test', 'cli.js'], args, folder) as BrowserReport;
  expect(browserOutcome(report)).toEqual({
    passed: 3,
    failed: 1,
    flaky: [
      'some.spec.ts:4 › passes at its second try',
      'some.spec.ts:6 › a group › passes at its second try, too',
    ],
    failures: [expect.stringMatching(/^some\.spec\.ts:7 › a group › never passes\n.*toBe/)],
  });
});

test('of unit tests, failures, second tries and files that would not load are named', () => {
  const folder = folderOf('unit-report-', {
    'some.test.ts': UNIT_TESTS,
    'broken.test.ts': "import './missing.ts';\n",
    'vitest.config.ts': 'export default { test: { retry: 1 } };\n',
  });
  const args = ['run', '--root', folder, '--reporter=json', '--outputFile.json=report.json'];
  const report = run(['vitest', 'vitest.mjs'], args, folder) as UnitReport;
  const outcome = unitOutcome(report, folder);
  expect({ ...outcome, failures: outcome.failures.toSorted() }).toEqual({
    passed: 2,
    failed: 1,
    flaky: [
      expect.stringMatching(/^some\.test\.ts › passes at its second try\n.*expected 1 to be 2/),
    ],
    failures: [
      expect.stringMatching(/^broken\.test\.ts\n.*missing\.ts/),
      expect.stringMatching(/^some\.test\.ts › a group never passes\n.*expected 1 to be 2/),
    ],
  });
});
