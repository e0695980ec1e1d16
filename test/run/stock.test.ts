import { describe, expect, test } from 'vitest';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, journalOf, point, readJson, recordOf, statesOf } from './runs.ts';

const stock = { driver: 'stock' };
const starts = (directory: string) => journalOf(directory).filter(({ event }) => event === 'attempt_started').length;

interface Entry {
  readonly status: string;
  readonly results: Record<string, number | null>;
  readonly missing: Record<string, string>;
}

describe('driver: stock', () => {
  test('runs the benchmark once a measurement; its throughput counts, TTFT and TPOT are null with the reason', async () => {
    const { directory } = await carryOut([
      point('measures', 8, { ...stock, repeats: 2 }),
      point('measures-2', 16, stock),
    ]);
    expect(starts(directory)).toBe(3);
    const entries = readJson<Entry[]>(directory, 'summary_report.json');
    expect(entries.map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS']);
    const { results, missing } = entries[1] as Entry;
    // 4 requests of 16 + 4 tokens in 2 s.
    expect(results).toMatchObject({
      ...{ throughput_req_per_sec: 2, throughput_total_tokens_per_sec: 40, throughput_output_tokens_per_sec: 8 },
      ...{ avg_ttft_s: null, p99_ttft_s: null, avg_tpot_tokens_per_s: null, p99_tpot_tokens_per_s: null, tpot_s: null },
    });
    for (const key of ['avg_ttft_s', 'p99_ttft_s', 'avg_tpot_tokens_per_s', 'p99_tpot_tokens_per_s'])
      expect(missing[key]).toContain('does not report it');
  });

  test('one that fails costs no other', async () => {
    const finished = await carryOut(
      ['measures', 'is-killed', 'job-failed', 'exits-badly', 'is-killed-late', 'measures-2'].map((name, i) =>
        point(name, 8 + i, stock),
      ),
    );
    expect(statesOf(finished)).toEqual({
      ...{ measures: 'valid', 'is-killed': 'failed', 'job-failed': 'failed', 'measures-2': 'valid' },
      // It printed its result, and then failed: the number is not to be trusted.
      'exits-badly': 'invalid',
      'is-killed-late': 'invalid',
    });
    expect(recordOf(finished, 'exits-badly').reasons[0]?.code).toBe('exit-code');
    expect(recordOf(finished, 'is-killed-late').reasons[0]).toMatchObject({
      ...{ code: 'exit', message: expect.stringContaining('SIGKILL') },
    });
    expect(recordOf(finished, 'is-killed').reasons[0]?.message).toContain('SIGKILL');
    expect(recordOf(finished, 'job-failed').reasons[0]?.message).toContain('prompt too long');
    expect(starts(finished.directory)).toBe(6);
  });

  test('fails by what its log says, and is tried again where that may pass', async () => {
    const finished = await carryOut([point('engine-dies', 16, stock), point('nvlink', 8, stock)], { retries: 1 });
    expect(recordOf(finished, 'engine-dies').reasons).toMatchObject([
      { code: 'device-memory', message: expect.stringContaining('CUDA out of memory') },
    ]);
    expect(recordOf(finished, 'nvlink').reasons).toMatchObject([{ code: 'device-lost', status: 'RETRYABLE_ERROR' }]);
    expect(starts(finished.directory)).toBe(3);
  });

  test('goes on where it stopped', async () => {
    const directory = emptyFolder();
    await carryOut([point('measures', 8, stock)], { directory });
    const again = await carryOut([point('measures', 8, { ...stock, repeats: 3 })], { directory });
    expect(again.began).toHaveLength(2);
    expect(recordOf(again, 'measures').samples.map(({ start }) => start)).toEqual([0, 1, 2]);
    expect((await carryOut([point('measures', 8, { ...stock, repeats: 3 })], { directory })).began).toEqual([]);
  });

  test('and the resident one beside it are two jobs', async () => {
    const finished = await carryOut([point('measures'), point('measures-2', 8, stock)]);
    expect(statesOf(finished)).toEqual({ measures: 'valid', 'measures-2': 'valid' });
    expect(new Set(finished.summary.records.map(({ job_id }) => job_id)).size).toBe(2);
  });
});
