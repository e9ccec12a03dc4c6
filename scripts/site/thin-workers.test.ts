import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'vite';
import { afterEach, describe, expect, it } from 'vitest';
import { thinWorkers } from './thin-workers.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const PAGE = `
  import url from './worker.js?worker&url';
  new Worker(url, { type: 'module' });
`;
const SHARED = 'export const shared = { told: [] };';
const LAZY = `import { shared } from './shared.js'; shared.told.push('lazy');`;

/** Builds a page that starts the worker `worker.js`, with our plugin and as the site is built. */
async function buildWith(files: Readonly<Record<string, string>>): Promise<unknown> {
  const root = mkdtempSync(join(tmpdir(), 'pyrgos-thin-workers-'));
  folders.push(root);
  const all = { 'index.html': '<script type="module" src="./page.js"></script>', ...files };
  for (const [name, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return build({
    root,
    configFile: false,
    logLevel: 'silent',
    worker: { format: 'es', plugins: () => [thinWorkers()] },
    build: { outDir: join(root, 'out') },
  });
}

describe('the build of a worker', () => {
  it('fails when a chunk that is loaded later imports from the entry', async () => {
    const building = buildWith({
      'page.js': PAGE,
      'shared.js': SHARED,
      'lazy.js': LAZY,
      'worker.js': `import { shared } from './shared.js';
        shared.told.push('entry');
        import('./lazy.js').then(() => postMessage(shared.told));`,
    });
    await expect(building).rejects.toThrow(
      /A worker's entry may not be imported.*imports .*worker/,
    );
  });

  it('fails when a worker that a worker starts has such an entry', async () => {
    const building = buildWith({
      'page.js': PAGE,
      'shared.js': SHARED,
      'lazy.js': LAZY,
      'worker.js': `import url from './inner.js?worker&url'; new Worker(url, { type: 'module' });`,
      'inner.js': `import { shared } from './shared.js';
        shared.told.push('entry');
        import('./lazy.js').then(() => postMessage(shared.told));`,
    });
    await expect(building).rejects.toThrow(/A worker's entry may not be imported.*imports .*inner/);
  });

  it('passes when the entry loads everything by import()', async () => {
    const building = buildWith({
      'page.js': PAGE,
      'shared.js': SHARED,
      'lazy.js': LAZY,
      'worker.js': `import('./main.js');`,
      'main.js': `import { shared } from './shared.js';
        shared.told.push('main');
        import('./lazy.js').then(() => postMessage(shared.told));`,
    });
    await expect(building).resolves.toBeDefined();
  });
});
