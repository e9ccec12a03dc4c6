/**
 * Pages that only tests see: the client's façade without screens. Built apart from the site, served
 * beside it on the same origin, never shipped.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

/** These pages open no viewer, so none is built for them. */
const noViewers: Plugin = {
  name: 'no-viewers',
  resolveId: (id) => (id === 'virtual:frame-files' ? `\0${id}` : undefined),
  load: (id) =>
    id === '\0virtual:frame-files'
      ? 'export default { folder: "", entries: {}, modules: {} };'
      : undefined,
};

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  logLevel: 'warn',
  plugins: [noViewers],
  worker: { format: 'es' },
  build: {
    target: 'esnext',
    outDir: fileURLToPath(new URL('../../.cache/test-pages', import.meta.url)),
    emptyOutDir: true,
  },
});
