/**
 * Unit tests run in Node without the SvelteKit plugin: the core (floors 0 to 8) is plain
 * TypeScript, and a test that needed the plugin would have climbed above its floor.
 */
import { existsSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { isLongRun } from '#lib/bytes/testing.ts';

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  // An older one warns at the eleventh listener of an AbortSignal, and some tests never end in it.
  throw new Error(
    `Tests run under the Node that comes with the packages, not under ${process.versions.node}: npx vitest …`,
  );
}

/** Where tests are; those of other folders below `tests/` have a configuration of their own. */
const FOLDERS = [
  'src',
  'scripts',
  'tests/interop',
  'tests/names',
  'tests/server',
  'tests/simulate',
];

/** What `npm run test:long` runs beside tests of its own: long tables, taken whole. */
const LONG_TABLES = [
  'src/lib/account/cut-connection.test.ts',
  'src/lib/drive/crash.test.ts',
  'src/lib/social/crash.test.ts',
  'src/lib/social/links/crash.test.ts',
  'src/lib/social/model.test.ts',
  'tests/server/killed.test.ts',
  'tests/simulate/drive.test.ts',
];

// A folder or a file that was moved would take its tests out of the run without a word.
for (const path of [...FOLDERS, ...LONG_TABLES]) {
  if (!existsSync(new URL(path, import.meta.url))) {
    throw new Error(`vitest.config.ts names ${path}, which is not there.`);
  }
}

export default defineConfig({
  test: {
    environment: 'node',
    include: isLongRun
      ? ['{src,tests}/**/*.long.test.ts', ...LONG_TABLES]
      : FOLDERS.map((folder) => `${folder}/**/*.test.ts`),
    exclude: ['node_modules/**', ...(isLongRun ? [] : ['**/*.long.test.ts'])],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Every core; by default one is left to the developer.
    maxWorkers: '100%',
  },
});
