import { z } from 'zod';
import { RecordState } from '../src/schema/record.ts';
import { ENTRY_SCHEMA } from './entry-shape.ts';
import type { ReportRow } from './report-row.ts';

/** Why a value cannot be an entry of summary_report.json; null when it can. */
export function entryProblem(entry: unknown): string | null {
  const read = Entry.safeParse(entry);
  if (!read.success) return z.prettifyError(read.error).replaceAll(/\s+/g, ' ');
  if (read.data.schema > ENTRY_SCHEMA) {
    return `it has schema ${read.data.schema}, and this version reads up to ${ENTRY_SCHEMA}; update vllm-orchestrate`;
  }
  return null;
}

/** The row of one entry; an entry that has a problem throws. */
export function rowOfEntry(value: unknown): ReportRow {
  const entry = Entry.parse(value);
  const { config } = entry;
  const results = Object.fromEntries(Object.entries(entry.results).map(([key, one]) => [key, numberOf(one)]));
  const state = entry.validity ?? stateOf(entry.status, results);
  const messages = entry.reasons.map((reason) => reason.message);
  return {
    run_name: entry.run_name,
    also_named: [],
    job_id: entry.job_id,
    model: textOf(config['model']) ?? entry.run_name,
    state,
    reasons: state !== 'valid' && entry.reasons.length === 0 ? [`the file only says ${entry.status}`] : messages,
    notes: entry.notes,
    input_len: numberOf(config['input-len'] ?? config['max_input_length']),
    output_len: numberOf(config['output-len'] ?? config['max_output_length']),
    prefix_len: numberOf(config['prefix-len']) ?? 0,
    // The original gives its figure to vLLM as it is, and vLLM adds the prefix to the input.
    prefix_mode: config['prefix-mode'] === 'inclusive' ? 'inclusive' : 'additive',
    tensor_parallel_size: numberOf(config['tensor-parallel-size']) ?? 1,
    settings: {
      mode: entry.mode,
      ...Object.fromEntries(Object.entries(config).map(([key, one]) => [key, textOf(one) ?? '–'])),
    },
    results,
    missing: entry.missing,
    spread: entry.samples.spread,
    sampling: { n: entry.samples.valid, starts: entry.samples.starts },
    hit_rate_bound: entry.hit_rate_bound?.value ?? null,
    accelerator: entry.bound?.accelerator ?? null,
    ran: entry.precision?.ran?.label ?? null,
    checkpoint: textOf(config['checkpoint']),
    dtype: entry.engine?.dtype ?? null,
    vllm_version: entry.environment?.vllm_version ?? null,
    devices: entry.environment?.devices ?? null,
  };
}

const Note = z.object({ code: z.string(), message: z.string() });

const SpreadOfFile = z.object({
  values: z.array(z.number()),
  cv: z.number().nullable().default(null),
  ci95: z
    .object({ low: z.number(), high: z.number(), over: z.enum(['starts', 'repeats']) })
    .nullable()
    .default(null),
});

/** Tolerant: a key that is not known is passed over, one that is absent has the value that means `not told`. */
const Entry = z.object({
  schema: z.int().default(0),
  run_name: z.string().default('(unnamed run)'),
  job_id: z.string().nullable().default(null),
  mode: z.string().default('vllm_throughput'),
  status: z.string().default('SUCCESS'),
  validity: RecordState.nullable().default(null),
  reasons: z.array(z.object({ message: z.string() })).default([]),
  config: z.record(z.string(), z.unknown()).default({}),
  results: z.record(z.string(), z.unknown()).default({}),
  missing: z.record(z.string(), z.string()).default({}),
  notes: z.array(Note).default([]),
  precision: z
    .object({ ran: z.object({ label: z.string() }).nullable().default(null) })
    .nullable()
    .default(null),
  samples: z
    .object({
      valid: z.int().default(1),
      starts: z.int().default(1),
      spread: z.record(z.string(), SpreadOfFile).default({}),
    })
    .default({ valid: 1, starts: 1, spread: {} }),
  bound: z.object({ accelerator: z.string() }).nullable().default(null),
  hit_rate_bound: z.object({ value: z.number() }).nullable().default(null),
  engine: z
    .object({ dtype: z.string().nullable().default(null) })
    .nullable()
    .default(null),
  environment: z
    .object({ vllm_version: z.string().nullable().default(null), devices: z.string().nullable().default(null) })
    .nullable()
    .default(null),
});

/** An entry without `validity` is the original's: its word is all there is, and success without a number is none. */
function stateOf(status: string, results: Readonly<Record<string, number | null>>): RecordState {
  if (status === 'NOT_STARTED') return 'not-run';
  const succeeded = status === 'SUCCESS' || status === 'COMPLETED';
  return succeeded && Object.values(results).some((value) => value !== null) ? 'valid' : 'failed';
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const read = Number(value);
  return Number.isFinite(read) ? read : null;
}

/** Null for what was not asked for: absent, null, an empty list or an empty record. */
function textOf(value: unknown): string | null {
  if (value === null || value === undefined || value === '') return null;
  if (Array.isArray(value)) return value.length === 0 ? null : value.map(String).join(' ');
  if (typeof value !== 'object') return String(value);
  const pairs = Object.entries(value).map(([name, one]) => `${name}=${String(one)}`);
  return pairs.length === 0 ? null : pairs.join(' ');
}
