/** Builds the page that shows apps, and its service worker. */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { APP_LOADER_FILE } from '#lib/frames/index.ts';
import { buildScript, frameFiles } from '../../scripts/site/frame-files.ts';
import { SUPPORTED_BROWSERS } from '../../src/supported-browsers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const PAGES = fileURLToPath(new URL('pages', import.meta.url));
const target = Object.entries(SUPPORTED_BROWSERS).map(([name, version]) => name + version);

/** The folder they lie in: one for each run, since tests run beside each other. */
export async function buildAppPages(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pyrgos-app-pages-'));
  const shared = { configFile: false, logLevel: 'warn', root: PAGES } as const;
  await build({
    ...shared,
    build: { target, outDir: folder, emptyOutDir: true, modulePreload: false },
  });
  const frames = frameFiles({
    root: ROOT,
    target,
    viewers: { code: 'src/apps/code/main.ts' },
    workers: {},
    data: {},
    rare: [],
    viewerScript: 'src/apps/start/viewer.ts',
    loaderScript: 'src/apps/loader/main.ts',
  });
  // The files of viewers are no part of this page.
  const { generateBundle: _files, ...scripts } = frames;
  await build({
    ...shared,
    plugins: [scripts],
    build: {
      target,
      outDir: folder,
      emptyOutDir: false,
      modulePreload: false,
      rollupOptions: {
        input: `${PAGES}/service-worker.ts`,
        output: { format: 'iife', entryFileNames: 'service-worker.js' },
      },
    },
  });
  const loader = await buildScript({ root: ROOT, target }, 'src/apps/loader/main.ts');
  writeFileSync(join(folder, basename(APP_LOADER_FILE)), loader);
  if (!existsSync(join(folder, 'service-worker.js'))) {
    throw new Error('There is no service worker.');
  }
  return folder;
}
