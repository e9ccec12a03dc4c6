/**
 * Unit tests run in Node without the SvelteKit plugin: the core (floors 0 to 8) is plain
 * TypeScript, and a test that needed the plugin would have climbed above its floor.
 */
import { defineConfig } from 'vitest/config';
import { isLongRun } from '#lib/bytes/testing.ts';

/** What `npm run test:long` adds: tests of its own, and long tables taken whole. */
const LONG = [
  '{src,tests}/**/*.long.test.ts',
  'src/lib/account/cut-connection.test.ts',
  'src/lib/drive/crash.test.ts',
  'tests/server/killed.test.ts',
  'tests/simulate/drive.test.ts',
];

export default defineConfig({
  test: {
    environment: 'node',
    include: isLongRun
      ? LONG
      : [
          'src/**/*.test.ts',
          'scripts/**/*.test.ts',
          'tests/{interop,server,simulate,names}/**/*.test.ts',
        ],
    exclude: ['node_modules/**', ...(isLongRun ? [] : ['**/*.long.test.ts'])],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Every core; by default one is left to whoever watches.
    maxWorkers: '100%',
  },
});
