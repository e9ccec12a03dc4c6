/**
 * Unit tests run in Node without the SvelteKit plugin: the core (floors 0 to 8) is plain
 * TypeScript, and a test that needed the plugin would have climbed above its floor.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: [
      'src/**/*.test.ts',
      'scripts/**/*.test.ts',
      'tests/{interop,attack,crash,server,simulate,names}/**/*.test.ts',
    ],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Every core; by default one is left to whoever watches.
    maxWorkers: '100%',
  },
});
