/** The main story in Firefox and WebKit; `npm run test:browsers` finds or installs them. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/browsers/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // One browser at a time, and one step after the other: what failed makes the next ones vain.
    fileParallelism: false,
    bail: 0,
  },
});
