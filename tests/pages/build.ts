/** Builds the test pages; `folder` is where they lie afterwards. */
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

export const TEST_PAGES = fileURLToPath(new URL('../../.cache/test-pages', import.meta.url));

export async function buildTestPages(): Promise<void> {
  await build({ configFile: fileURLToPath(new URL('vite.config.ts', import.meta.url)) });
}
