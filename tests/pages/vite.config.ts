/**
 * Pages that only tests see: the client's façade without screens. Built apart from the site, served
 * beside it on the same origin, never shipped.
 */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  logLevel: 'warn',
  worker: { format: 'es' },
  build: {
    target: 'esnext',
    outDir: fileURLToPath(new URL('../../.cache/test-pages', import.meta.url)),
    emptyOutDir: true,
  },
});
