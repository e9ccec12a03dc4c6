/**
 * The list of files that the service worker keeps: whatever the build has put under `immutable/`.
 * SvelteKit's own list follows the pages' imports and does not know the chunks of workers, nor the
 * workers that a worker starts. The service worker is built last, so the folder is complete then.
 */
import { readdirSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';

const NAME = 'virtual:offline-files';

/** Gives the service worker's build the module `virtual:offline-files`: paths below the site. */
export function offlineFiles(): Plugin {
  return {
    name: 'pyrgos-offline-files',
    applyToEnvironment: ({ name }) => name === 'serviceWorker',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load(id) {
      if (id !== `\0${NAME}`) return undefined;
      const { root, build } = this.environment.config;
      const site = resolve(root, build.outDir);
      return `export default ${JSON.stringify(filesUnder(site, join('_app', 'immutable')))};`;
    },
  };
}

/** Every file below a folder of the site, sorted: two builds are byte for byte equal. */
function filesUnder(site: string, folder: string): readonly string[] {
  return readdirSync(join(site, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(site, join(entry.parentPath, entry.name)).replaceAll(sep, '/'))
    .sort();
}
