import { METHOD_VERSION, type RequestColumns } from '../../schema/driver-protocol.ts';
import type { Asked, Check, Measured } from '../check.ts';

/** Whether the run as a whole was what it should be. */
export const RUN_CHECKS: readonly Check[] = [
  {
    id: 'other-job',
    compares: 'job id, repeat, workload and version of the method in the measurement file with the planned ones',
    tolerance: 'equal',
    stands_for: 'a file of another run, or of an older plan, under the name of this one',
    wrong: otherJob,
  },
  {
    id: 'exit-code',
    compares: 'exit code of the benchmark with 0',
    tolerance: 'equal',
    stands_for: 'vLLM 0.32 prints its result lines and then fails, for instance on a full disk',
    wrong: (_asked, measured) =>
      measured.exit_code === null || measured.exit_code === 0
        ? null
        : `the benchmark exited with code ${measured.exit_code} after it had printed its result`,
  },
  {
    id: 'elapsed-time',
    compares: 'elapsed time with 0',
    tolerance: 'more than 0',
    stands_for: 'a clock that was set back, or a forged file',
    wrong: (_asked, { elapsed_s }) =>
      elapsed_s === null || elapsed_s > 0 ? null : `the measured time is ${elapsed_s} s`,
  },
  {
    id: 'duration',
    compares: 'elapsed time with min_duration_seconds',
    tolerance: 'at least as long; by default 5 s on accelerators and 0.01 s on a CPU',
    stands_for: 'a measurement that is all beginning and end: filling and draining the batch, not the engine at work',
    wrong: ({ min_duration_s }, { elapsed_s }) =>
      elapsed_s === null || elapsed_s <= 0 || elapsed_s >= min_duration_s
        ? null
        : `${elapsed_s.toPrecision(3)} s were measured, at least ${min_duration_s} s are needed: raise num_prompts, or lower min_duration_seconds`,
  },
  {
    id: 'engine-clock',
    compares: "elapsed time with the engine's own clock: from the first request queued to the last token",
    tolerance: 'at least as long, within 1 ms',
    stands_for: 'a measured time that was changed, or that belongs to another measurement',
    wrong: (_asked, { columns, elapsed_s }) =>
      columns === null || elapsed_s === null || elapsed_s <= 0 ? null : shorterThanEngine(columns, elapsed_s),
  },
  {
    id: 'no-result-lines',
    compares: 'the result lines that the resident driver prints with those that are there',
    tolerance: 'all of them',
    stands_for: 'a log that was cut or edited: the file cannot be held against it any more',
    wrong: (_asked, { unprinted }) =>
      unprinted.length === 0
        ? null
        : `stdout lacks the result ${unprinted.length === 1 ? 'line' : 'lines'} ${unprinted.join(', ')}`,
  },
  {
    id: 'warm-up',
    compares: 'warm-up requests that finished with those asked for',
    tolerance: 'at least as many',
    stands_for: 'the first step of a process can take 2 to 3.5 s longer: 13 instead of 147 requests/s on vLLM 0.32',
    wrong: ({ workload }, { warmup_requests }) =>
      warmup_requests === null || warmup_requests >= workload.warmups
        ? null
        : `${warmup_requests} of ${workload.warmups} warm-up requests finished`,
  },
  {
    id: 'timestamps',
    compares: 'queued, scheduled, first-token and last-token time of each request',
    tolerance: 'in this order',
    stands_for: 'timestamps of two clocks, or of two requests, in one row',
    wrong: (_asked, { columns }) => (columns === null ? null : disorder(columns)),
  },
  {
    id: 'result-lines',
    compares: 'the figures on stdout with those of the result file',
    tolerance: 'half a unit of the last printed digit',
    stands_for: 'a log line that imitates a result line, or a file of another run',
    wrong: (_asked, measured) => disagreement(measured),
  },
  {
    id: 'repeated-lines',
    compares: 'how often each result line is printed',
    tolerance: 'once',
    stands_for: 'two runs in one log',
    wrong: (_asked, { repeated_lines }) =>
      repeated_lines.length === 0 ? null : `printed more than once: ${[...new Set(repeated_lines)].join(', ')}`,
  },
];

function otherJob(asked: Asked, { identity }: Measured): string | null {
  if (identity === null) return null;
  if (identity.job_id !== asked.job_id) return `measured job ${identity.job_id}, asked for ${asked.job_id}`;
  if (identity.repeat !== asked.repeat) return `measured repeat ${identity.repeat}, asked for ${asked.repeat}`;
  const method = METHOD_VERSION[asked.engine.driver.kind];
  if (identity.method !== method) return `measured by method ${identity.method} of the driver, asked for ${method}`;
  const { workload } = asked;
  const fields = [
    'prompt_len',
    'shared_len',
    'num_prefixes',
    'output_len',
    'num_prompts',
    'prefix_state',
    'warmups',
    'seed',
  ] as const;
  const differing = fields.find((field) => identity.asked[field] !== workload[field]);
  if (differing === undefined) return null;
  return `the driver was told ${differing} ${identity.asked[differing]}, the plan says ${workload[differing]}`;
}

function disorder(columns: RequestColumns): string | null {
  const order = ['queued_ts', 'scheduled_ts', 'first_token_ts', 'last_token_ts'] as const;
  for (let row = 0; row < columns.output_tokens.length; row += 1) {
    // 0.0 is vLLM's "not seen".
    const seen = order.filter((name) => typeof columns[name][row] === 'number' && columns[name][row] !== 0);
    for (const [index, name] of seen.entries()) {
      const before = seen[index - 1];
      if (before !== undefined && (columns[before][row] ?? 0) > (columns[name][row] ?? 0)) {
        return `request ${row + 1} has its ${name} before its ${before}`;
      }
    }
  }
  return null;
}

function disagreement(measured: Measured): string | null {
  const differing = measured.comparisons.filter(
    ({ printed, recomputed, tolerance }) => !(Math.abs(printed - recomputed) <= tolerance),
  );
  if (differing.length === 0) return null;
  return differing
    .map(({ what, printed, recomputed }) => `${what}: ${printed} printed, ${recomputed} in the file`)
    .join('; ');
}

/** Both clocks are monotonic, and generate() returns after the last token: it cannot have taken less. */
function shorterThanEngine({ queued_ts, last_token_ts }: RequestColumns, elapsed_s: number): string | null {
  const queued = queued_ts.filter((value) => value !== null);
  const last = last_token_ts.filter((value) => value !== null);
  if (queued.length === 0 || last.length === 0) return null;
  const engine = last.reduce((a, b) => Math.max(a, b)) - queued.reduce((a, b) => Math.min(a, b));
  return elapsed_s + 0.001 >= engine
    ? null
    : `${elapsed_s.toFixed(3)} s were measured, and the engine worked for ${engine.toFixed(3)} s by its own clock`;
}
