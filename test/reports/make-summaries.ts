import { mkdirSync, writeFileSync } from 'node:fs';
import type { EngineSettings } from '../../src/schema/engine.ts';
import type { Environment } from '../../src/schema/environment.ts';
import type { Aggregate, Bound, Distribution, JobRecord, RecordState, Sample } from '../../src/schema/record.ts';
import { Summary } from '../../src/schema/summary.ts';
import { hitRateBound, type Workload } from '../../src/schema/workload.ts';

/**
 * Makes fixtures/summaries/*.json: `node test/reports/make-summaries.ts`. The numbers come from a formula that only
 * looks like an engine, so that layouts have something to lay out; nothing here was measured.
 */
export interface PointAsked {
  readonly name?: string;
  readonly also_named?: readonly string[];
  readonly model?: string;
  readonly quantization?: string;
  readonly kv_cache_dtype?: string;
  readonly max_num_seqs?: number;
  readonly pp?: number;
  readonly tp?: number;
  readonly lengths?: readonly [input: number, output: number, prefix?: number];
  readonly num_prompts?: number;
  readonly state?: RecordState;
  /** Measurements in each engine start. */
  readonly samples?: number;
  readonly starts?: number;
  readonly seed?: number;
  readonly notes?: JobRecord['notes'];
  readonly checkpoint?: string;
  /** Label of the precision that ran; without it the engine does not tell. */
  readonly ran?: string;
  /** True: device and model are known, so that there is a bound, MBU and MFU. */
  readonly bound?: boolean;
}

/** A record of such a point, complete to the last field. */
export function recordOf(asked: PointAsked): JobRecord {
  const { state = 'valid', samples: repeats = 1, starts = 1, lengths = [1024, 128] } = asked;
  const workload = workloadOf(asked);
  const engine = engineOf(asked, workload);
  const name = asked.name ?? 'synthetic';
  const prefixPart = workload.prefix_len > 0 ? `_PL-${workload.prefix_len}` : '';
  const runName = `${name}_TP-${engine.tensor_parallel_size}_ISL-${lengths[0]}_OSL-${lengths[1]}${prefixPart}`;
  const ran = state === 'valid' || state === 'invalid';
  const bound = ran && asked.bound === true ? boundOf(engine, workload) : null;
  const samples = Array.from({ length: ran ? starts * repeats : 0 }, (_, index) =>
    sampleOf({ engine, workload, start: Math.floor(index / repeats), repeat: index % repeats, state, bound }),
  );
  const valid = samples.filter((sample) => sample.invalid.length === 0);
  return {
    schema: 1,
    job_id: idOf(JSON.stringify([engine, workload])),
    run_name: runName,
    also_named: [...(asked.also_named ?? [])],
    mode: 'vllm_throughput',
    state,
    reasons: REASONS[state],
    notes: [...(asked.notes ?? [])],
    engine,
    precision: null,
    ran:
      ran && asked.ran !== undefined
        ? { label: asked.ran, weights_gib: weightBytes(engine) / 2 ** 30, kernels: [], told_by: ['engine report'] }
        : null,
    max_model_len: { value: workload.prompt_len + workload.output_len + 16, origin: 'derived' },
    workload,
    hit_rate_bound: {
      value: hitRateBound(workload, 16),
      block_size: 16,
      block_size_origin: ran ? 'engine' : 'assumed',
    },
    method: { driver: 'resident', version: 1 },
    asked_samples: starts * repeats,
    samples,
    results: aggregated(valid),
    missing: bound === null ? { mbu: NO_BOUND, mfu: NO_BOUND } : {},
    engine_report: ran ? engineReportOf(engine, workload) : null,
    bound,
    engine_start_s: ran ? Array.from({ length: starts }, () => 41.5) : [],
    log: ran
      ? { file: 'client_logs_20250101-000000/1_synthetic_vllm_script.log', first_line: 120, last_line: 180 }
      : null,
  };
}

const NO_BOUND = 'no bound: Synthetic GPU is not in the table of accelerators';

const REASONS: Record<RecordState, JobRecord['reasons']> = {
  valid: [],
  invalid: [
    { code: 'wrong-output-tokens', message: '3 of 1000 requests stopped after fewer tokens than were asked for' },
  ],
  failed: [
    {
      code: 'out-of-memory',
      message: 'the engine ran out of device memory while it made its KV cache (CUDA out of memory)',
    },
  ],
  skipped: [{ code: 'impossible', message: '32 attention heads cannot be split over 6 devices' }],
  'not-run': [{ code: 'interrupted', message: 'the run was stopped before this point' }],
};

function workloadOf(asked: PointAsked): Workload {
  const [input, output, prefix = 0] = asked.lengths ?? [1024, 128];
  return {
    input_len: input,
    output_len: output,
    prefix_len: prefix,
    prefix_mode: 'inclusive',
    prompt_len: input,
    shared_len: prefix,
    num_prefixes: 1,
    num_prompts: asked.num_prompts ?? 1000,
    prefix_state: 'warm',
    warmups: 8,
    seed: asked.seed ?? 420,
    load_shape: 'offline-burst',
  };
}

function engineOf(asked: PointAsked, workload: Workload): EngineSettings {
  return {
    model: asked.model ?? 'example-org/Synthetic-8B-Instruct',
    checkpoint: asked.checkpoint ?? null,
    quantization: asked.quantization ?? null,
    kv_cache_dtype: asked.kv_cache_dtype ?? null,
    tensor_parallel_size: asked.tp ?? 1,
    pipeline_parallel_size: asked.pp ?? 1,
    max_num_seqs: asked.max_num_seqs ?? null,
    gpu_memory_utilization: 0.9,
    enable_prefix_caching: workload.prefix_len > 0,
    max_model_len: null,
    extra_args: [],
    env: {},
    driver: { kind: 'resident' },
  };
}

function engineReportOf(engine: EngineSettings, workload: Workload): JobRecord['engine_report'] {
  return {
    vllm_version: '0.0.0-synthetic',
    device_type: 'cuda',
    model: engine.model,
    dtype: 'bfloat16',
    quantization: engine.quantization,
    kv_cache_dtype: engine.kv_cache_dtype ?? 'auto',
    tensor_parallel_size: engine.tensor_parallel_size,
    pipeline_parallel_size: engine.pipeline_parallel_size,
    max_model_len: workload.prompt_len + workload.output_len + 16,
    max_num_seqs: engine.max_num_seqs ?? 256,
    max_num_batched_tokens: 8192,
    gpu_memory_utilization: 0.9,
    enable_prefix_caching: workload.prefix_len > 0,
    block_size: 16,
    kv_cache_tokens: 400_000,
    enforce_eager: false,
    kv_cache_bytes: null,
    weights: null,
  };
}

/** Of a model of 8e9 parameters. */
function weightBytes(engine: EngineSettings): number {
  return 8e9 * ({ fp8: 1, fp4: 0.5, mxfp4: 0.5 }[engine.quantization ?? ''] ?? 2);
}

/** On devices of 20 TB/s and 1e15 FLOP/s; 128 KiB of KV cache a token. */
function boundOf(engine: EngineSettings, workload: Workload): Bound {
  const devices = engine.tensor_parallel_size * engine.pipeline_parallel_size;
  const batch = Math.min(workload.num_prompts, engine.max_num_seqs ?? 256);
  const context = workload.prompt_len + workload.output_len / 2;
  const bytes_a_step = weightBytes(engine) + batch * context * 2 ** 17;
  return {
    accelerator: 'Synthetic GPU',
    devices,
    chips: devices,
    decode_tps: rounded((2e13 * devices * batch) / bytes_a_step),
    prefill_tps: rounded((1e15 * devices) / (2 * 8e9)),
    batch,
  };
}

interface SampleAsked {
  readonly engine: EngineSettings;
  readonly workload: Workload;
  readonly start: number;
  readonly repeat: number;
  readonly state: RecordState;
  readonly bound: Bound | null;
}

/** One sample: prefill costs by uncached tokens, decoding by batch and context, both divided by the devices. */
function sampleOf({ engine, workload, start, repeat, state, bound }: SampleAsked): Sample {
  const { prompt_len, output_len, num_prompts, shared_len } = workload;
  const wobble = 1 + 0.02 * Math.sin(7 * repeat + 5 * start + prompt_len + 3 * engine.tensor_parallel_size);
  const gain = { fp8: 1.5, fp4: 1.9 }[engine.quantization ?? ''] ?? 1;
  const speed = (gain * engine.tensor_parallel_size ** 0.82 * engine.pipeline_parallel_size ** 0.6) / wobble;
  const batch = Math.min(num_prompts, engine.max_num_seqs ?? 256);
  const prefill_s = (prompt_len - shared_len + 64) / (26_000 * speed);
  const tpot_s = (0.006 + (batch * (prompt_len + output_len / 2)) / 9e7) / speed;
  const elapsed = num_prompts * prefill_s + (num_prompts / batch) * output_len * tpot_s;
  const queue_s = Math.max(0, elapsed * (1 - batch / num_prompts) * 0.5) + (batch * prefill_s) / 2;
  const output_tokens = num_prompts * output_len;
  const prompt_tokens = num_prompts * prompt_len;
  const cached = Math.floor(shared_len / 16) * 16 * num_prompts;
  return {
    start,
    repeat,
    attempt: `attempts/${start + 1}_synthetic`,
    evidence: `attempts/${start + 1}_synthetic/job.r${repeat}.json`,
    ...{ devices: [], beside: [], foreign: null, telemetry: null },
    invalid: state === 'invalid' ? REASONS.invalid : [],
    counts: { requests: num_prompts, prompt_tokens, output_tokens, cached_tokens: cached, preemptions: 0 },
    values: {
      request_throughput_rps: rounded(num_prompts / elapsed),
      output_throughput_tps: rounded(output_tokens / elapsed),
      total_throughput_tps: rounded((output_tokens + prompt_tokens) / elapsed),
      elapsed_s: rounded(elapsed),
      prefix_cache_hit_rate: rounded(cached / prompt_tokens),
      mbu: bound === null ? null : rounded(output_tokens / elapsed / bound.decode_tps),
      mfu: bound === null ? null : rounded((output_tokens + prompt_tokens - cached) / elapsed / bound.prefill_tps),
      power_w: null,
      energy_per_output_token_j: null,
    },
    latency: {
      ttft_s: around(queue_s + prefill_s, 0.9, num_prompts),
      ttft_frontend_s: around((queue_s + prefill_s) * 1.002, 0.9, num_prompts),
      queue_s: around(queue_s, 0.9, num_prompts),
      prefill_s: around(prefill_s, 0.2, num_prompts),
      decode_s: around(tpot_s * (output_len - 1), 0.1, num_prompts),
      e2e_s: around(queue_s + prefill_s + tpot_s * (output_len - 1), 0.5, num_prompts),
      tpot_s: output_len > 1 ? around(tpot_s, 0.12, num_prompts) : null,
      tpot_tokens_per_s: output_len > 1 ? around(1 / tpot_s, 0.12, num_prompts) : null,
    },
    missing: output_len > 1 ? {} : { tpot_s: 'one output token', tpot_tokens_per_s: 'one output token' },
    phases: { prompts_s: 0.2, warmup_s: 1, reset_s: 0.01, prefix_s: 0.1, measure_s: rounded(elapsed) },
  };
}

/** Six digits are enough to lay out, and keep the files small. */
const rounded = (value: number): number => Number(value.toPrecision(6));

function around(exact: number, relative: number, n: number): Distribution {
  const mean = rounded(exact);
  const at = (part: number): number => rounded(mean * (1 + relative * part));
  return {
    n,
    mean,
    stdev: rounded(mean * relative * 0.5),
    min: at(-1),
    p1: at(-0.95),
    p50: at(-0.01),
    p90: at(0.8),
    p95: at(0.9),
    p99: at(0.97),
    max: at(1),
  };
}

function aggregated(samples: readonly Sample[]): Record<string, Aggregate> {
  const columns = new Map<string, Placed[]>();
  for (const { start, values, latency } of samples) {
    const add = (key: string, value: number | null): void => {
      if (value !== null) columns.set(key, [...(columns.get(key) ?? []), { start, value }]);
    };
    for (const [key, value] of Object.entries(values)) add(key, value);
    for (const [key, distribution] of Object.entries(latency)) {
      for (const stat of ['mean', 'p1', 'p50', 'p90', 'p95', 'p99'] as const) {
        add(`${key}_${stat}`, distribution?.[stat] ?? null);
      }
    }
  }
  return Object.fromEntries([...columns].map(([key, placed]) => [key, aggregateOf(placed)]));
}

interface Placed {
  readonly start: number;
  readonly value: number;
}

/** The shape of an aggregate; its interval is only as wide as one would expect, to have something to draw. */
function aggregateOf(placed: readonly Placed[]): Aggregate {
  const values = placed.map(({ value }) => value);
  const n = values.length;
  const byStart = [...Map.groupBy(placed, ({ start }) => start).values()].map((one) => median(one.map((p) => p.value)));
  const value = median(byStart);
  const mean = values.reduce((sum, one) => sum + one, 0) / n;
  const squares = values.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const stdev = n < 2 ? null : Math.sqrt(squares / (n - 1));
  const starts = byStart.length;
  const arm = stdev === null ? null : (2.5 * stdev) / Math.sqrt(n);
  return {
    value,
    n,
    starts,
    ci95: arm === null ? null : { low: value - arm, high: value + arm, over: starts > 1 ? 'starts' : 'repeats' },
    stdev,
    cv: stdev === null || mean === 0 ? null : stdev / mean,
    drift: null,
    min: Math.min(...values),
    max: Math.max(...values),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[middle - (sorted.length % 2 === 0 ? 1 : 0)], sorted[middle]];
  return (low + high) / 2;
}

function idOf(text: string): string {
  let hash = 7;
  for (const character of text) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  return hash.toString(16).padStart(8, '0');
}

const ENVIRONMENT: Environment = {
  schema: 1,
  recorded_at: '2025-01-01T00:00:00.000Z',
  orchestrate_version: '0.0.0',
  node_version: '24.0.0',
  hostname: 'synthetic',
  os: 'synthetic',
  kernel: 'synthetic',
  cpu: { model: 'Synthetic CPU', cores: 8 },
  memory_bytes: 1e12,
  python: null,
  python_version: null,
  vllm_version: '0.0.0-synthetic',
  vllm_distribution: null,
  torch_version: null,
  cuda_version: null,
  driver_version: null,
  devices: Array.from({ length: 8 }, () => ({ name: 'Synthetic GPU', memory_bytes: 192e9 })),
  packages: {},
  variables: {},
  checkpoints: [],
  absent: { python: 'synthetic' },
};

/** A summary of these records, on eight devices that do not exist. */
export function summaryOf(records: readonly JobRecord[]): Summary {
  return { schema: 1, records: [...records], environment: ENVIRONMENT };
}

const TP = [1, 2, 4, 8] as const;
const LENGTHS = [
  [128, 32],
  [1024, 128],
  [1024, 1024],
  [8192, 2048, 7900],
] as const;

const FEW = { code: 'few-requests', message: 'P99 of 64 requests is hardly more than the largest of them' };
const DRIFT = { code: 'drift', message: 'throughput fell by 4.2 % from the first to the last repeat' };
const SLOWER = { code: 'fp4-slower-than-fp8', message: '1.7 % slower than FP8 at the same lengths' };

const PRECISIONS = [
  { ran: 'BF16' },
  { quantization: 'fp8', ran: 'FP8 W8A8' },
  { quantization: 'fp4', ran: 'NVFP4 W4A4', checkpoint: 'example-org/Synthetic-8B-Instruct-NVFP4' },
] as const;

/** Every fixture by its file's name. */
export function summaries(): Record<string, Summary> {
  return {
    small: summaryOf([
      recordOf({ name: 'small', tp: 1, lengths: [1024, 128] }),
      recordOf({ name: 'small', tp: 2, lengths: [1024, 128], num_prompts: 64, notes: [FEW] }),
      recordOf({ name: 'small', tp: 4, lengths: [1024, 128], state: 'failed' }),
      recordOf({ name: 'small', tp: 8, lengths: [1024, 128], also_named: ['the-same-under-another-name'] }),
      recordOf({ name: 'small', tp: 1, lengths: [128, 32] }),
      recordOf({ name: 'small', tp: 2, lengths: [128, 32], state: 'invalid' }),
    ]),
    precision: summaryOf(
      PRECISIONS.flatMap((precision) =>
        TP.flatMap((tp) =>
          LENGTHS.map((lengths) => {
            const slower = precision.ran === 'NVFP4 W4A4' && tp === 8 && lengths[0] === 128;
            return recordOf({ name: 'a4', tp, lengths, bound: true, ...precision, notes: slower ? [SLOWER] : [] });
          }),
        ),
      ),
    ),
    repeats: summaryOf(
      TP.flatMap((tp) =>
        LENGTHS.map((lengths) => {
          const notes = tp === 2 && lengths[0] < 1024 ? [DRIFT, FEW] : tp === 4 && lengths[1] === 128 ? [DRIFT] : [];
          return recordOf({ name: 'repeats', tp, lengths, starts: 3, samples: 2, ran: 'BF16', bound: true, notes });
        }),
      ),
    ),
    sixty: summaryOf(
      [1, 8].flatMap((tp) =>
        Array.from({ length: 60 }, (_, index) =>
          recordOf({
            name: 'sixty',
            model: 'example-org/A-Model-With-A-Rather-Long-Name-That-Goes-On-And-On-235B-A22B-Instruct-2507-FP8',
            tp,
            lengths: [128 * (1 + (index % 20)) ** 2, 2 ** (5 + 2 * Math.floor(index / 20))],
          }),
        ),
      ),
    ),
  };
}

if (import.meta.main) {
  const folder = new URL('../../fixtures/summaries/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  for (const [name, summary] of Object.entries(summaries())) {
    const { records, ...rest } = Summary.parse(summary);
    const lines = records.map((record) => JSON.stringify(record)).join(',\n');
    const text = `${JSON.stringify(rest).slice(0, -1)},"records":[\n${lines}\n]}\n`;
    writeFileSync(new URL(`${name}.json`, folder), text);
  }
}
