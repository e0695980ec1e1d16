import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, filesIn, journalOf, point, readJson } from './runs.ts';

interface Entry {
  readonly run_name: string;
  readonly status: string;
  readonly results: Record<string, number | null>;
  readonly client_log_file: string;
  readonly client_log_lines: [number, number];
  readonly job_id: string;
}

describe('every measurement of a run that went well', () => {
  test('is in events.jsonl, records/, summary_report.json and the log, with its numbers', async () => {
    const { directory, summary, left, interruptedBy } = await carryOut([
      point('measures', 8, { repeats: 2 }),
      point('measures-2', 16),
    ]);
    expect({ left, interruptedBy }).toEqual({ left: 0, interruptedBy: null });
    const names = ['measures_TP-1_ISL-8_OSL-4', 'measures-2_TP-1_ISL-16_OSL-4'];
    expect(summary.records.map(({ run_name, state }) => [run_name, state])).toEqual(names.map((n) => [n, 'valid']));

    // One engine start for both; repeats go round-robin.
    const measured = journalOf(directory).filter((event) => event.event === 'measured');
    const [first, second] = summary.records.map(({ job_id }) => job_id);
    expect(measured.map(({ job, repeat }) => [job, repeat])).toEqual([
      [first, 0],
      [second, 0],
      [first, 1],
    ]);
    expect(journalOf(directory).filter((event) => event.event === 'attempt_started')).toHaveLength(1);

    for (const record of summary.records) {
      expect(readJson(directory, 'records', `${record.job_id}.json`)).toEqual(JSON.parse(JSON.stringify(record)));
    }

    const [a, b] = readJson<Entry[]>(directory, 'summary_report.json');
    expect([a?.run_name, a?.status, b?.run_name, b?.status]).toEqual([names[0], 'SUCCESS', names[1], 'SUCCESS']);
    // Repeat 0 takes 2 s and repeat 1 takes 4 s: 4 requests are 2 and 1 requests/s, 1.5 on average.
    expect(a?.results['throughput_req_per_sec']).toBeCloseTo(1.5, 10);
    expect(a?.results['throughput_output_tokens_per_sec']).toBeCloseTo((16 / 2 + 16 / 4) / 2, 10);
    expect(b?.results['throughput_req_per_sec']).toBeCloseTo(2, 10);
    expect(b?.results['throughput_total_tokens_per_sec']).toBeCloseTo((4 * 16 + 4 * 4) / 2, 10);
    // First tokens after 0.1, 0.2, 0.3 and 0.4 s; the 99th percentile is 2.97 steps along: 0.3 + 0.97 x 0.1.
    expect(b?.results['avg_ttft_s']).toBeCloseTo(0.25, 6);
    expect(b?.results['p99_ttft_s']).toBeCloseTo(0.397, 6);
    expect(b?.results['avg_queue_s']).toBeCloseTo(0.05, 6);
    expect(b?.results['avg_tpot_tokens_per_s']).toBeCloseTo(50, 4);
    expect(b?.results['p99_tpot_tokens_per_s']).toBeCloseTo(50, 4);
    expect(b?.results['tpot_s']).toBeCloseTo(0.02, 6);
    expect([b?.results['total_prompt_tokens'], b?.results['total_output_tokens']]).toEqual([64, 16]);

    const log = readFileSync(join(directory, b?.client_log_file ?? ''), 'utf8').split('\n');
    const [from, to] = b?.client_log_lines ?? [0, 0];
    const lines = log.slice(from - 1, to);
    expect(lines[0]).toContain('"event":"job_begin"');
    expect(lines[0]).toContain(b?.job_id);
    expect(lines.at(-1)).toContain('"event":"job_end"');
    expect(lines).toContain('Throughput: 2.00 requests/s, 40.00 total tokens/s, 8.00 output tokens/s');
    expect(lines).toContain('Average TTFT (s): 0.250000');
    expect(lines.filter((line) => line.startsWith('Throughput:'))).toHaveLength(1);
  });

  test('leaves the files of the contract, and no half one', async () => {
    const { directory } = await carryOut([point('measures')]);
    const files = filesIn(directory).map((path) =>
      path.replace(/[0-9a-f]{16}/, 'JOB').replace(/2026\d{4}_\d{6}/, 'STAMP'),
    );
    const charts = files.filter((path) => /\.(?:png|svg)$/.test(path));
    expect(charts).toContain('stand-in_model/throughput_by_seqlen_and_tp.png');
    expect(charts.filter((path) => path.endsWith('.png')).length).toBe(charts.length / 2);
    expect(files.filter((path) => !charts.includes(path))).toEqual([
      'attempts/0001_measures_TP-1/JOB.r0.json',
      'attempts/0001_measures_TP-1/environment.json',
      'attempts/0001_measures_TP-1/launch.json',
      'attempts/0001_measures_TP-1/stderr.log',
      'attempts/0001_measures_TP-1/stdout.log',
      'benchmark_summary.csv',
      'client_logs_STAMP/1_measures_TP-1_vllm_script.log',
      'environment.json',
      'events.jsonl',
      'plan.json',
      'records/JOB.json',
      'run.yaml',
      'summary_report.json',
    ]);
  });

  test('is on disk before anybody is told of it', async () => {
    const directory = emptyFolder();
    let told = 0;
    await carryOut([point('measures'), point('measures-2', 16), point('job-failed', 24)], {
      directory,
      notify: (notice) => {
        if (notice.kind !== 'measured' && notice.kind !== 'measurement-failed') return;
        told += 1;
        expect(journalOf(directory).at(-1)).toMatchObject({ job: notice.job.id, repeat: notice.repeat });
        if (notice.kind === 'measured') expect(filesIn(directory)).toContain(notice.sample.evidence);
      },
    });
    expect(told).toBe(3);
  });

  test('has both streams in the log, each line once', async () => {
    const { directory } = await carryOut([point('measures')]);
    const log = filesIn(directory).find((path) => path.startsWith('client_logs_')) ?? '';
    const merged = readFileSync(join(directory, log), 'utf8').split('\n');
    expect(merged.filter((line) => line.includes('Resolved architecture'))).toHaveLength(1);
    expect(merged.filter((line) => line.includes('Loading'))).toEqual(['Loading: 100%']);
  });
});

describe('numbers that are not what was asked', () => {
  test('make a point invalid, and are in no result', async () => {
    const { directory } = await carryOut([point('measures-other'), point('measures', 16)]);
    const [bad, good] = readJson<(Entry & { validity: string; reasons: { code: string }[] })[]>(
      directory,
      'summary_report.json',
    );
    expect([bad?.status, bad?.validity, bad?.results['throughput_req_per_sec']]).toEqual(['FAILED', 'invalid', null]);
    expect(bad?.reasons.map(({ code }) => code)).toContain('output-tokens');
    expect(good?.status).toBe('SUCCESS');
  });

  test('where the engine tells no times, TTFT is null with the reason, and the throughput is there', async () => {
    const { directory } = await carryOut([point('tells-no-times')]);
    const [entry] = readJson<(Entry & { missing: Record<string, string> })[]>(directory, 'summary_report.json');
    expect(entry?.status).toBe('SUCCESS');
    expect(entry?.results).toMatchObject({ throughput_req_per_sec: 2, avg_ttft_s: null, p99_tpot_tokens_per_s: null });
    expect(entry?.missing['avg_ttft_s']).toContain('no per-request statistics');
  });
});
