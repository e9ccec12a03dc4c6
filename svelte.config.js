/**
 * The SvelteKit configuration. `vite.config.ts` hands it to the SvelteKit plugin, which is the
 * only reader SvelteKit 3 has; it is kept in this file because people and editors look here.
 */
import adapter from '@sveltejs/adapter-static';
import { contentHash } from './scripts/content-hash.ts';

/** @type {import('@sveltejs/kit/vite').Config} */
const config = {
  adapter: adapter({ pages: 'dist', assets: 'dist', strict: true }),
  // Links between files are relative, so the folder works at a root, under any prefix and under a
  // gateway's content address.
  paths: { relative: true },
  // The app registers the worker itself, with the scope of wherever the site happens to lie.
  serviceWorker: { register: false },
  // From the content, never from the clock: two builds are byte for byte equal.
  version: { name: contentHash().slice(0, 20), pollInterval: 0 },
  csp: {
    // Prerendered pages carry this in a <meta>, with the hashes of their inline scripts.
    mode: 'hash',
    directives: {
      'default-src': ['none'],
      'script-src': ['self', 'wasm-unsafe-eval'],
      'style-src': ['self'],
      // The one style attribute there is: SvelteKit's hidden announcer of page titles.
      'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
      'img-src': ['self', 'blob:', 'data:'],
      'media-src': ['self', 'blob:'],
      'font-src': ['self'],
      'connect-src': ['self'],
      'worker-src': ['self'],
      'frame-src': ['self'],
      'manifest-src': ['self'],
      'base-uri': ['none'],
      'form-action': ['none'],
      'object-src': ['none'],
      'require-trusted-types-for': ['script'],
      // Svelte's templates; SvelteKit's check at build; our own, for the addresses of workers.
      'trusted-types': ['svelte-trusted-html', 'sveltekit-trusted-url', 'pyrgos'],
    },
  },
};

export default config;
