/**
 * The SvelteKit configuration. `vite.config.ts` hands it to the SvelteKit plugin, which is the
 * only reader SvelteKit 3 has; it is kept in this file because people and editors look here.
 */
import adapter from '@sveltejs/adapter-static';

/** @type {import('@sveltejs/kit/vite').Config} */
const config = {
  adapter: adapter({ pages: 'dist', assets: 'dist', strict: true }),
  paths: { relative: true },
};

export default config;
