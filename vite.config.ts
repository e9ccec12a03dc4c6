import { fileURLToPath } from 'node:url';
import { paraglideVitePlugin } from '@inlang/paraglide-js';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig, type Plugin } from 'vite';
import { frameFiles } from './scripts/site/frame-files.ts';
import { offlineFiles } from './scripts/site/offline-files.ts';
import { thinWorkers } from './scripts/site/thin-workers.ts';
import { SUPPORTED_BROWSERS } from './src/supported-browsers.ts';
import config from './svelte.config.js';

const target = Object.entries(SUPPORTED_BROWSERS).map(([name, version]) => name + version);

const frames = frameFiles({
  root: fileURLToPath(new URL('.', import.meta.url)),
  target,
  viewers: {
    code: 'src/apps/code/main.ts',
    markdown: 'src/apps/markdown/main.ts',
    table: 'src/apps/table/main.ts',
    pdf: 'src/apps/pdf/main.ts',
    document: 'src/apps/document/main.ts',
    print: 'src/apps/print/main.ts',
  },
  workers: { 'pdf-worker': 'src/apps/pdf/worker.ts' },
  data: {
    'pdf-parts': ['node_modules/pdfjs-dist/standard_fonts', 'node_modules/pdfjs-dist/wasm'],
    'pdf-cmaps': ['node_modules/pdfjs-dist/cmaps'],
  },
  rare: ['mermaid'],
  viewerScript: 'src/apps/start/viewer.ts',
  loaderScript: 'src/apps/loader/main.ts',
});

export default defineConfig({
  // Modules, so that a worker too loads what it needs when it needs it.
  worker: { format: 'es', plugins: () => [thinWorkers()] },
  // All of them know `light-dark()`: compiled away, it could not change inside a page.
  build: { target, cssTarget: target },
  // Its entry for Node is CommonJS without names; the prerendered page imports it by name.
  ssr: { noExternal: ['workbox-window'] },
  plugins: [
    paraglideVitePlugin({
      project: './project.inlang',
      outdir: './src/lib/paraglide',
      outputStructure: 'message-modules', // a message is loaded with the screen that says it
      strategy: ['baseLocale'],
    }),
    allowSvelteConfigFile(await sveltekit(config)),
    frames,
    offlineFiles(),
  ],
});

/**
 * SvelteKit 3 stops when it meets a `svelte.config.js`, because it would not read it. Here the
 * file is read, by the import above, so that one refusal (and no other) is set aside.
 */
function allowSvelteConfigFile(plugins: Plugin[]): Plugin[] {
  const guard = plugins.find((plugin) => plugin.name === 'vite-plugin-sveltekit-resolve-root');
  const hook = guard?.config;
  if (guard === undefined || typeof hook !== 'object') {
    throw new Error('SvelteKit no longer checks for svelte.config.js the way this file expects.');
  }
  const check = hook.handler;
  guard.config = {
    ...hook,
    handler(...args) {
      try {
        return check.apply(this, args);
      } catch (error) {
        if (!String(error).includes('config_file_unsupported')) throw error;
        return undefined;
      }
    },
  };
  return plugins;
}
