import { test, vi } from 'vitest';
import { cutAndResume } from './power-cuts.ts';

// Charts are drawn at the end of every run, and this test makes many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

const SEED = Number(process.env['CHAOS_SEED'] ?? 1);

test(`a power cut at any step leaves what the same command completes (seed ${SEED})`, () =>
  cutAndResume(SEED, Number.POSITIVE_INFINITY));
