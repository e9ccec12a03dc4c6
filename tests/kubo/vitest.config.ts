/** Our node and our page with a real Kubo; `npm run test:interop` builds it. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/kubo/**/*.test.ts'],
    testTimeout: 180_000,
    hookTimeout: 60_000,
    // One Chromium and one daemon at a time.
    fileParallelism: false,
  },
});
