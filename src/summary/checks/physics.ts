import { isNoBound } from '../../physics/point.ts';
import type { RequestColumns } from '../../schema/driver-protocol.ts';
import type { Asked, Check } from '../check.ts';
import { shares } from '../utilization.ts';

/** Front end and engine read their clocks at slightly different moments. */
const CLOCK_SLACK_S = 0.001;

/** Largest part of E2E by which a sum may fall short of it, and of the requests that may do so. */
const SHORTFALL = 0.02;
const FEW = 0.01;

/** Whether a measurement is possible at all. */
export const PHYSICS_CHECKS: readonly Check[] = [
  {
    id: 'mbu',
    compares: 'bytes of weights and KV cache that must be read at least with memory bandwidth x elapsed time',
    tolerance: 'at most all of it; where the device is in the table of accelerators and the size of the model is known',
    stands_for: 'output tokens that were counted but not made, or a clock that stood still: faster than memory allows',
    wrong: (asked, measured) => {
      const used = shares(asked, measured, 'fewest');
      if (isNoBound(used) || used.mbu <= 1) return null;
      return `reading weights and KV cache alone would take ${times(used.mbu)} the elapsed time on ${device(asked)}`;
    },
  },
  {
    id: 'mfu',
    compares: 'FLOPs that the model needs for its uncached tokens with peak FLOP/s x elapsed time',
    tolerance: 'at most all of it; where the device is in the table of accelerators and the size of the model is known',
    stands_for: 'a benchmark that does not tell its prefix cache hits: a warm cache inflates throughput by up to 86 %',
    wrong: (asked, measured) => {
      const used = shares(asked, measured, 'expected');
      if (isNoBound(used) || used.mfu <= 1) return null;
      return `the FLOPs of the model alone would take ${times(used.mfu)} the elapsed time on ${device(asked)}`;
    },
  },
  {
    id: 'ttft',
    compares: 'TTFT of each request, of the engine and of the front end, with the elapsed time',
    tolerance: 'no longer, within 1 ms',
    stands_for: 'a first token that belongs to another measurement, or two clocks in one difference',
    wrong: (_asked, { columns, elapsed_s }) =>
      columns === null || elapsed_s === null || elapsed_s <= 0 ? null : longerThanRun(columns, elapsed_s),
  },
  {
    id: 'e2e-sum',
    compares: 'TTFT + TPOT x (n - 1) of each request with its E2E latency, TTFT as the front end saw it',
    tolerance:
      'not more than 2 % below it, for all but 1 % of the requests; above it is what the front end adds, up to 29 % of ' +
      'the shortest requests on a CPU',
    stands_for: 'a TTFT or TPOT by another definition, such as one that counts the first token in TPOT',
    wrong: (_asked, { columns }) => (columns === null ? null : shortSums(columns)),
  },
];

function times(share: number): string {
  return `${share.toPrecision(3)} times`;
}

function device({ devices, engine }: Asked): string {
  const count = engine.tensor_parallel_size * engine.pipeline_parallel_size;
  return `${count} x ${devices?.accelerator?.label ?? 'the device'}`;
}

/** An elapsed time that is too short for the engine's own clock is another check's business. */
function longerThanRun(columns: RequestColumns, elapsed_s: number): string | null {
  const rows = rowsOf(columns);
  const longest = rows.reduce((most, { ttft, frontEnd }) => Math.max(most, ttft ?? 0, frontEnd ?? 0), 0);
  const run = rows.reduce((most, { e2e }) => Math.max(most, e2e ?? 0), elapsed_s);
  return longest <= run + CLOCK_SLACK_S
    ? null
    : `a request has a TTFT of ${longest.toFixed(3)} s in a run of ${run.toFixed(3)} s`;
}

/**
 * A request comes to the front end before the engine queues it, and its first token is seen there after it was made: so
 * the front end's TTFT is the longer one, and with the time of decoding it is at least the engine's E2E.
 */
function shortSums(columns: RequestColumns): string | null {
  const rows = rowsOf(columns).flatMap(({ ttft, frontEnd, decode, e2e }) => {
    const first = frontEnd ?? ttft;
    return first === null || decode === null || e2e === null || e2e <= 0 ? [] : [(e2e - first - decode) / e2e];
  });
  const short = rows.filter((shortfall) => shortfall > SHORTFALL);
  if (short.length <= FEW * rows.length) return null;
  const worst = short.reduce((most, shortfall) => Math.max(most, shortfall), 0);
  const percent = (100 * worst).toFixed(1);
  return `TTFT + TPOT x (n - 1) is up to ${percent} % less than E2E in ${short.length} of ${rows.length} requests`;
}

interface Row {
  readonly ttft: number | null;
  readonly frontEnd: number | null;
  /** TPOT x (n - 1) is the time between first and last token. */
  readonly decode: number | null;
  readonly e2e: number | null;
}

function rowsOf(columns: RequestColumns): Row[] {
  return columns.output_tokens.map((_, row) => {
    const at = (name: 'queued_ts' | 'first_token_ts' | 'last_token_ts') => seen(columns[name][row]);
    const [queued, first, last] = [at('queued_ts'), at('first_token_ts'), at('last_token_ts')];
    return {
      ttft: between(queued, first),
      frontEnd: seen(columns.first_token_latency_s[row]),
      decode: between(first, last),
      e2e: between(queued, last),
    };
  });
}

function between(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : to - from;
}

/** 0.0 is vLLM's "not seen". */
function seen(value: number | null | undefined): number | null {
  return value === undefined || value === 0 ? null : value;
}
