import { expect, test } from 'vitest';
import { aggregate } from '../../src/stats/aggregate.ts';

// python -c "import numpy as np; x = [23817, 22646, 24012]; print(np.mean(x), np.std(x, ddof=1))"
test('is the mean over samples with its sample standard deviation', () => {
  expect(aggregate([23817, 22646, 24012])).toEqual({
    value: expect.closeTo(23491.666666666668, 8),
    n: 3,
    stdev: expect.closeTo(738.830381977713, 8),
    min: 22646,
    max: 24012,
  });
});

test('one sample has no standard deviation', () => {
  expect(aggregate([3])).toEqual({ value: 3, n: 1, stdev: null, min: 3, max: 3 });
});

test.each([
  { values: [], problem: 'no value' },
  { values: [1, Number.NaN], problem: 'value 2 of 2 is NaN' },
  { values: [-1.7e308, 1.7e308], problem: 'too large to add up' },
])('$problem is said', ({ values, problem }) => {
  expect(aggregate(values)).toEqual({ problem });
});
