import { defineConfig } from 'vitest/config';

/** What takes too long for every run of the tests: `npm run test:long`, never `npm test`. */
export default defineConfig({
  test: { include: ['test/**/*.long.ts'], pool: 'forks', maxWorkers: 1, testTimeout: 900_000 },
});
