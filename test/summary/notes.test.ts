import { describe, expect, test } from 'vitest';
import type { Job } from '../../src/schema/plan.ts';
import type { Sample } from '../../src/schema/record.ts';
import { notesOf } from '../../src/summary/notes.ts';
import { resultsOf } from '../../src/summary/results.ts';
import { equalRequests, sampleAs, samplesAs } from './samples.ts';

const THREE: Pick<Job, 'repeats' | 'until'> = { repeats: 3, until: null };

function notes(samples: readonly Sample[], job = THREE) {
  return notesOf(job, samples, resultsOf(samples));
}
/** The message of a note, when it is the only one. */
function only(code: string, samples: readonly Sample[], job = THREE): string | undefined {
  const found = notes(samples, job);
  expect(found.map((note) => note.code)).toEqual([code]);
  return found[0]?.message;
}

test('nothing is said of steady repeats of many requests', () => {
  const samples = [100, 101, 99].map((value, repeat) =>
    sampleAs({ repeat }, value, { latency: { ttft_s: equalRequests(100) } }),
  );
  expect(notes(samples)).toEqual([]);
  expect(notes(samplesAs([100]))).toEqual([]);
});

describe('few-requests', () => {
  const withRequests = (n: number, also: Partial<Sample['latency']> = {}) => [
    sampleAs({ repeat: 0 }, 100, { latency: { ttft_s: equalRequests(n), ...also } }),
  ];

  test('a P99 of fewer than 100', () => {
    expect(only('few-requests', withRequests(20))).toBe(
      'P99 of 20 requests is nearly their maximum, P1 nearly their minimum',
    );
    expect(only('few-requests', withRequests(99))).toContain('P99 of 99 requests');
    expect(notes(withRequests(100))).toEqual([]);
  });

  test('the metric of fewest requests counts: TPOT has none of those with one output token', () => {
    expect(only('few-requests', withRequests(200, { tpot_s: equalRequests(7) }))).toContain('P99 of 7 requests');
  });

  test('the sample of fewest requests counts, an invalid one does not', () => {
    const invalid = [{ code: 'requests', message: '3 of 200 requests' }];
    const odd = (repeat: number, n: number, reasons = invalid) =>
      sampleAs({ repeat }, 100, { latency: { ttft_s: equalRequests(n) }, invalid: reasons });
    expect(notes([...withRequests(200), odd(1, 3)])).toEqual([]);
    expect(only('few-requests', [...withRequests(200), odd(1, 30, [])])).toContain('P99 of 30 requests');
  });

  test('one request', () => {
    expect(only('few-requests', withRequests(1))).toBe('P99 and P1 of 1 request are that request');
  });
});

describe('drift', () => {
  // scipy.stats.linregress(range(5), [100, 98.5, 97.2, 95.4, 94]): slope -1.51, stderr 0.03958; times 4 over the median
  // 97.2: -6.2 %, and t(0.975; 3) = 3.182 times that stderr is 0.5 %. The interval is +-3.7 %.
  const falling = samplesAs([100, 98.5, 97.2, 95.4, 94]);

  test('a throughput that falls by more than 5 % and more than its scatter explains', () => {
    expect(only('drift', falling)).toBe(
      'output throughput falls by 6.2 % from the first to the last repeat of an engine process, ' +
        'and its scatter explains no more than 0.5 %',
    );
  });

  test('one that rises', () => {
    expect(only('drift', samplesAs([94, 95.4, 97.2, 98.5, 100]))).toContain('rises by 6.2 %');
  });

  test('not of less than 5 %, however straight', () => {
    expect(notes(samplesAs([100, 99, 98, 97, 96]))).toEqual([]);
  });

  test('not of what the scatter explains: three repeats that are not on a line', () => {
    expect(notes(samplesAs([100, 100, 93])).map(({ code }) => code)).not.toContain('drift');
  });
});

describe('not-steady', () => {
  const job = { repeats: 2, until: { cv: 0.03, max_repeats: 4 } };

  // scipy.stats.variation([90, 110, 90, 110], ddof=1) is 0.11547
  test('the CV that was reached, and the one that was asked for', () => {
    const found = notes(samplesAs([90, 110, 90, 110]), job).find(({ code }) => code === 'not-steady');
    expect(found?.message).toBe('CV 0.12 after 4 repeats; asked for 0.03');
  });

  test('each start that is not', () => {
    const found = notes(samplesAs([99, 100, 101], [90, 110, 90, 110]), job).find(({ code }) => code === 'not-steady');
    expect(found?.message).toBe('start 1: CV 0.12 after 4 repeats; asked for 0.03');
  });

  test('nothing of steady repeats, of a job without until, or of one that was interrupted', () => {
    expect(notes(samplesAs([99, 100, 101]), job)).toEqual([]);
    const codes = (samples: Sample[], asked = job) => notes(samples, asked).map(({ code }) => code);
    expect(codes(samplesAs([90, 110, 90, 110]), { ...job, until: null } as never)).not.toContain('not-steady');
    expect(codes(samplesAs([90, 110]), job)).not.toContain('not-steady');
  });
});

describe('wide-interval', () => {
  test('over starts: 100 +- 12.706 * 0.70711 * 1.4142, 12.7 %; 3 starts have 2.88, not 8.98 times s', () => {
    expect(only('wide-interval', samplesAs([99], [101]))).toBe(
      'output throughput is known to ±13 % only, from 2 engine starts; 1 more engine start would about halve that',
    );
  });

  test('over the repeats of one start', () => {
    // t(0.975; 2) 4.303 * 0.66983 * s 2 = 5.76 %
    expect(only('wide-interval', samplesAs([98, 100, 102]))).toBe(
      'output throughput is known to ±5.8 % only, from 3 repeats; 3 more repeats would about halve that',
    );
  });

  test('not of one within 5 %: 4.303 * 0.66983 * 1.7', () => {
    expect(notes(samplesAs([98.3, 100, 101.7]))).toEqual([]);
  });
});
