import type { Environment } from '../src/schema/environment.ts';
import type { JobRecord, Sample } from '../src/schema/record.ts';
import { entryConfig } from './entry-config.ts';
import {
  ENTRY_SCHEMA,
  type ResultKey,
  type Spread,
  type SummaryEntry,
  statusOf,
  type UncountedSample,
} from './entry-shape.ts';
import {
  COUNT_FIELDS,
  HEADLINES,
  type MeasuredKey,
  metricKey,
  missingReason,
  RESULT_FIELDS,
  sampleValue,
} from './result-fields.ts';
import { startsOf } from './sampling.ts';

/** The entry of a record under one of its names. */
export function summaryEntry(record: JobRecord, runName: string, environment: Environment | null): SummaryEntry {
  const counted = record.samples.filter((sample) => sample.invalid.length === 0);
  const { results, missing } = resultsOf(record, counted[0] ?? null);
  return {
    schema: ENTRY_SCHEMA,
    run_name: runName,
    mode: record.mode,
    config: entryConfig(record),
    results,
    missing,
    client_log_file: record.log?.file ?? null,
    client_log_lines: record.log === null ? null : [record.log.first_line, record.log.last_line],
    status: statusOf(record),
    validity: record.state,
    reasons: record.reasons,
    notes: record.notes,
    precision: {
      base_model: record.engine.model,
      asked: record.engine.quantization,
      checkpoint: record.engine.checkpoint ?? record.engine.model,
      planned: record.precision,
      ran: record.ran,
    },
    load_shape: record.workload.load_shape,
    samples: {
      asked: record.asked_samples,
      valid: counted.length,
      invalid: record.samples.length - counted.length,
      starts: startsOf(record),
      spread: record.state === 'valid' ? spreadOf(record, counted) : {},
    },
    measured_but_invalid: record.samples.filter((sample) => sample.invalid.length > 0).map(uncounted),
    hit_rate_bound: record.hit_rate_bound,
    bound: record.bound,
    engine: record.engine_report,
    engine_start_s: record.engine_start_s,
    job_id: record.job_id,
    method: record.method,
    environment: {
      file: environment === null ? null : 'environment.json',
      vllm_version: record.engine_report?.vllm_version ?? environment?.vllm_version ?? null,
      devices: environment === null ? null : describeDevices(environment),
    },
  };
}

function resultsOf(record: JobRecord, sample: Sample | null): Pick<SummaryEntry, 'results' | 'missing'> {
  const valid = record.state === 'valid';
  const refused = `the record is ${record.state}, see reasons`;
  const results: Partial<Record<ResultKey, number | null>> = {};
  const missing: Record<string, string> = {};
  const put = (key: ResultKey, value: number | null, why: string): void => {
    results[key] = valid ? value : null;
    if (!valid) missing[key] = refused;
    else if (value === null) missing[key] = why;
  };

  for (const field of RESULT_FIELDS) {
    put(field.key, record.results[metricKey(field)]?.value ?? null, missingReason(record, field));
  }
  put('hit_rate_bound', record.hit_rate_bound.value, '');
  for (const { key, count } of COUNT_FIELDS) {
    put(key, sample?.counts[count] ?? null, sample?.missing[count] ?? 'the driver did not report it');
  }
  return { results: results as Record<ResultKey, number | null>, missing };
}

function spreadOf(record: JobRecord, counted: readonly Sample[]): Partial<Record<MeasuredKey, Spread>> {
  const spread: Partial<Record<MeasuredKey, Spread>> = {};
  for (const field of RESULT_FIELDS.filter((one) => headlines.has(one.key))) {
    const aggregate = record.results[metricKey(field)];
    if (aggregate === undefined) continue;
    const { value: _, ...rest } = aggregate;
    const values = counted.map((sample) => sampleValue(sample, field)).filter((value) => value !== null);
    spread[field.key] = { ...rest, values };
  }
  return spread;
}

const headlines: ReadonlySet<string> = new Set(HEADLINES);

function uncounted(sample: Sample): UncountedSample {
  const measured = RESULT_FIELDS.flatMap((field) => {
    const value = sampleValue(sample, field);
    return value === null ? [] : [[field.key, value] as const];
  });
  return {
    start: sample.start,
    repeat: sample.repeat,
    evidence: sample.evidence,
    reasons: sample.invalid.map((reason) => `${reason.code}: ${reason.message}`),
    results: Object.fromEntries(measured),
  };
}

/** `8 × NVIDIA B200`, or the processor where there is no accelerator. */
function describeDevices(environment: Environment): string {
  if (environment.devices.length === 0) return `${environment.cpu.model}, ${environment.cpu.cores} cores`;
  const byName = Map.groupBy(environment.devices, (device) => device.name);
  return [...byName].map(([name, devices]) => (devices.length === 1 ? name : `${devices.length} × ${name}`)).join(', ');
}
