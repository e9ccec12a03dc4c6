/**
 * Browser tests run in a real Chromium against the built site (`dist/`), never against a
 * development server. `npm test` finds the browser; started by hand, so does this file.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from '@playwright/test';
import { isLongRun } from '#lib/bytes/testing.ts';

export default defineConfig({
  testDir: '.',
  outputDir: fileURLToPath(new URL('../../test-results', import.meta.url)),
  globalSetup: './setup.ts',
  // All stories, each screen in both schemes and sizes: `npm run test:long`.
  ...(isLongRun ? {} : { grepInvert: /@long/ }),
  fullyParallel: false,
  // Each has a browser, workers and a server of its own; more would wait for each other on two cores.
  workers: 2,
  // A real browser on a busy machine: what needs a second try is listed as flaky.
  retries: 1,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  forbidOnly: true,
  reporter: 'list',
});
