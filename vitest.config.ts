import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Two cores are the smallest machine that the suite must pass on, and some tests start real engines.
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});
