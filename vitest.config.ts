import { defineConfig } from 'vitest/config';

const CHAOS = 'test/chaos/**/*.test.ts';

export default defineConfig({
  test: {
    // Chaos keeps the disk busy, and would hold up what others wait for: it comes when they are through.
    projects: [
      {
        extends: true,
        test: { name: 'tests', include: ['test/**/*.test.ts'], exclude: [CHAOS], sequence: { groupOrder: 0 } },
      },
      { extends: true, test: { name: 'chaos', include: [CHAOS], sequence: { groupOrder: 1 } } },
    ],
    pool: 'forks',
    // Two cores are the smallest machine that the suite must pass on, and some tests start real engines.
    maxWorkers: 2,
    testTimeout: 30_000,
  },
});
