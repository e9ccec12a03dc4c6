/**
 * Unit tests run in Node without the SvelteKit plugin: the core (floors 0 to 8) is plain
 * TypeScript, and a test that needed the plugin would have climbed above its floor.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
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

/** Tests that put something else in the place of a module or a global: they need a realm of their own. */
const REPLACES = /\bvi\.(?:mock|stubGlobal)\(/u;
const replacing = FOLDERS.flatMap((folder) =>
  readdirSync(new URL(folder, import.meta.url), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => `${folder}/${path}`)
    .filter((path) => REPLACES.test(readFileSync(new URL(path, import.meta.url), 'utf8'))),
);
const include = isLongRun
  ? ['{src,tests}/**/*.long.test.ts', ...LONG_TABLES]
  : FOLDERS.map((folder) => `${folder}/**/*.test.ts`);
const exclude = ['node_modules/**', ...(isLongRun ? [] : ['**/*.long.test.ts'])];

export default defineConfig({
  test: {
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Every core; by default one is left to the developer.
    maxWorkers: '100%',
    // What tests import is loaded once for each worker: most of the time of a run was that.
    projects: [
      {
        extends: true,
        test: { name: 'shared', isolate: false, include, exclude: [...exclude, ...replacing] },
      },
      ...(isLongRun
        ? []
        : [{ extends: true as const, test: { name: 'apart', include: replacing, exclude } }]),
    ],
  },
});
