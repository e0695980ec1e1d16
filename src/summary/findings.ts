import type { EngineSettings } from '../schema/engine.ts';
import type { NumberFormat } from '../schema/precision.ts';
import type { Aggregate, JobRecord, Reason } from '../schema/record.ts';

/**
 * The records with notes on figures that are valid, each for itself, and strange beside each other: nothing here makes
 * a record invalid.
 */
export function withFindings(records: readonly JobRecord[]): JobRecord[] {
  const valid = records.filter(({ state }) => state === 'valid');
  const apartFromTp = grouped(valid, { tensor_parallel_size: 1 });
  const apartFromPrecision = grouped(valid, { quantization: null, checkpoint: null });
  return records.map((record) => {
    if (record.state !== 'valid') return record;
    const found = [
      ...note('tp-superlinear', superlinear(record, apartFromTp(record))),
      ...note('fp4-slower', slowerThanFp8(record, apartFromPrecision(record))),
      ...note('hit-rate-low', lowHitRate(record)),
    ];
    return found.length === 0 ? record : { ...record, notes: [...record.notes, ...found] };
  });
}

/** For a record those that differ from it in these settings at most, and in nothing else that can change a number. */
function grouped(records: readonly JobRecord[], settings: Partial<EngineSettings>) {
  const keyOf = ({ mode, engine, workload, method }: JobRecord): string =>
    JSON.stringify([mode, { ...engine, ...settings }, workload, method]);
  const groups = Map.groupBy(records, keyOf);
  return (record: JobRecord): readonly JobRecord[] => groups.get(keyOf(record)) ?? [];
}

function note(code: string, message: string | null): Reason[] {
  return message === null ? [] : [{ code, message }];
}

/** Twice the devices have twice the bandwidth, arithmetic and memory, and must talk to each other besides. */
function superlinear(record: JobRecord, others: readonly JobRecord[]): string | null {
  const { tensor_parallel_size: size } = record.engine;
  const half = others.find(({ engine }) => engine.tensor_parallel_size * 2 === size);
  const [many, few] = [record.results[THROUGHPUT], half?.results[THROUGHPUT]];
  if (many === undefined || few === undefined || !(many.value > 2 * few.value)) return null;
  const ratio = (many.value / few.value).toFixed(2);
  return (
    `TP ${size} gives ${ratio} times the ${rate(few)} of TP ${size / 2}: more than twice the devices account for, ` +
    'unless the smaller one was short of KV cache'
  );
}

/** More than their intervals explain; a figure without one is taken as it is. */
function slowerThanFp8(record: JobRecord, others: readonly JobRecord[]): string | null {
  if (familyOf(record) !== 'fp4') return null;
  const fp8 = others.find((other) => familyOf(other) === 'fp8');
  const [own, its] = [record.results[THROUGHPUT], fp8?.results[THROUGHPUT]];
  if (own === undefined || its === undefined) return null;
  if (!((own.ci95?.high ?? own.value) < (its.ci95?.low ?? its.value))) return null;
  const share = ((100 * own.value) / its.value).toFixed(0);
  const unsure = own.ci95 === null || its.ci95 === null ? '; one of them has no interval' : '';
  return `FP4 is slower than FP8: ${rate(own)} are ${share} % of its ${rate(its)}${unsure}`;
}

/** Below this share of the best possible hit rate something else takes room in the cache. */
const EXPECTED_SHARE = 0.95;

function lowHitRate({ engine, workload, results, hit_rate_bound: bound }: JobRecord): string | null {
  const rate = results['prefix_cache_hit_rate']?.value ?? null;
  if (rate === null || workload.shared_len === 0 || !engine.enable_prefix_caching) return null;
  if (bound.value === 0 || rate >= EXPECTED_SHARE * bound.value) return null;
  return (
    `the ${workload.prefix_state} prefix was found in the cache for ${percent(rate)} of the prompt tokens, ` +
    `${percent(bound.value)} are possible: evicted, or not yet there when it was asked for`
  );
}

const THROUGHPUT = 'output_throughput_tps';

function familyOf({ precision }: JobRecord): 'fp4' | 'fp8' | null {
  return precision === null ? null : FAMILIES[precision.weights];
}

const FAMILIES: { readonly [format in NumberFormat]: 'fp4' | 'fp8' | null } = {
  fp32: null,
  fp16: null,
  bf16: null,
  fp8: 'fp8',
  mxfp8: 'fp8',
  int8: null,
  nvfp4: 'fp4',
  mxfp4: 'fp4',
  int4: null,
  other: null,
};

function rate({ value }: Aggregate): string {
  return `${Math.round(value).toLocaleString('en')} tok/s`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
