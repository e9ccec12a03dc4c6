import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { browserOutcome, type BrowserReport } from './browser-report.ts';
import { ROOT } from './build.ts';

const TESTS = `
import { expect, test } from '@playwright/test';
test('passes at once', () => {});
test('passes at its second try', ({}, info) => expect(info.retry).toBe(1));
test.describe('a group', () => {
  test('passes at its second try, too', ({}, info) => expect(info.retry).toBe(1));
  test('never passes', () => expect(1).toBe(2));
});
`;

/** What Playwright writes about tests that need no browser. */
function reportOf(tests: string): BrowserReport {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  // Below the packages, so that the tests find Playwright.
  const folder = mkdtempSync(join(ROOT, '.cache', 'flaky-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'some.spec.ts'), tests);
  writeFileSync(join(folder, 'playwright.config.ts'), 'export default { retries: 1 };\n');
  const cli = join(ROOT, 'node_modules', '@playwright', 'test', 'cli.js');
  const report = join(folder, 'report.json');
  spawnSync(process.execPath, [cli, 'test', '--config', folder, '--reporter=json'], {
    cwd: folder,
    env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_NAME: report },
  });
  return JSON.parse(readFileSync(report, 'utf8')) as BrowserReport;
}

test('a browser test that passes only at its second try counts as passed, and is named', () => {
  expect(browserOutcome(reportOf(TESTS))).toEqual({
    passed: 3,
    failed: 1,
    flaky: [
      'some.spec.ts:4 › passes at its second try',
      'some.spec.ts:6 › a group › passes at its second try, too',
    ],
  });
});
