import { type Lifted, readArgs } from './args.ts';
import type { LiftedField } from './owned-flags.ts';
import type { Problem } from './problem.ts';
import type { FieldName, Fields } from './written.ts';
import type { Path, Place, YamlSource } from './yaml-source.ts';

/** What one map of fields says (a run, or `defaults`), typed fields and `args` together. */
export interface Level {
  readonly path: Path;
  readonly fields: Fields;
  readonly lifted: ReadonlyMap<LiftedField, Said>;
  /** Null when `args` was not written at all. */
  readonly rest: readonly string[] | null;
}

/** What `args` say about a field, and where. */
export interface Said {
  readonly value: string | number | boolean;
  readonly flagPlace: Place;
  readonly valuePlace: Place;
}

/** Lifts `args` and holds it against the fields beside it: the same thing said twice with two values is a problem. */
export function readLevel(fields: Fields, path: Path, source: YamlSource): { level: Level; problems: Problem[] } {
  if (fields.args === undefined) return { level: { path, fields, lifted: new Map(), rest: null }, problems: [] };
  const argsPath = [...path, 'args'];
  const args = readArgs(fields.args);
  const problems: Problem[] = args.problems.map(({ flag, message, hint }) => ({
    ...(flag === '' ? source.place(argsPath) : source.placeOfWord(argsPath, flag)),
    message,
    hint,
  }));
  const lifted = new Map<LiftedField, Said>();
  const saidBy = new Map<LiftedField, Lifted>();
  const times = new Map<string, number>();
  for (const item of args.lifted) {
    const occurrence = times.get(item.flag) ?? 0;
    times.set(item.flag, occurrence + 1);
    const place = source.placeOfWord(argsPath, item.flag, occurrence);
    const equals = item.flag.indexOf('=');
    const valuePlace =
      equals < 0
        ? source.placeAfter(place, item.text)
        : { ...place, column: place.column + equals + 1, width: item.text.length };
    const before = saidBy.get(item.field);
    if (before !== undefined && before.value !== item.value)
      problems.push({ ...place, ...twiceInArgs(item, before, argsPath, source) });
    const other = fieldBeside(item, fields, path);
    if (other !== null) problems.push({ ...place, ...contradiction(item, other, source) });
    lifted.set(item.field, { value: item.value, flagPlace: place, valuePlace });
    saidBy.set(item.field, item);
  }
  return { level: { path, fields, lifted, rest: args.rest }, problems };
}

/** The field that says the same thing as a lifted flag, when it says something else. */
function fieldBeside(item: Lifted, fields: Fields, path: Path): { path: Path; value: unknown } | null {
  if (item.field === 'enable_prefix_caching' && item.value === false && fields.share_prefix_caching === true) {
    return { path: [...path, 'share_prefix_caching'], value: true };
  }
  const simple: Partial<Record<LiftedField, FieldName>> = {
    model: 'model',
    quantization: 'quantization',
    kv_cache_dtype: 'kv_cache_dtype',
    tensor_parallel_sizes: 'tensor_parallel_sizes',
    pipeline_parallel_sizes: 'pipeline_parallel_sizes',
    max_num_seqs: 'max_num_seqs',
    num_prompts: 'num_prompts',
    warmups: 'warmups',
    seed: 'seed',
    max_model_len: 'max_model_len',
    gpu_memory_utilization: 'gpu_memory_utilization',
    prefix_len: 'prefix_lens',
  };
  const field = simple[item.field];
  const value = field === undefined ? undefined : fields[field];
  if (field !== undefined && value !== undefined && !saysOnly(value, item.value))
    return { path: [...path, field], value };
  if (item.field !== 'input_len' && item.field !== 'output_len' && item.field !== 'prefix_len') return null;
  for (const [index, length] of (fields.length_configs ?? []).entries()) {
    const own = length[item.field];
    if (own !== undefined && own !== item.value)
      return { path: [...path, 'length_configs', index, item.field], value: own };
  }
  return null;
}

function saysOnly(value: unknown, wanted: unknown): boolean {
  return Array.isArray(value) ? value.length === 1 && value[0] === wanted : value === wanted;
}

type Words = Pick<Problem, 'message' | 'hint'>;

function contradiction(item: Lifted, other: { path: Path; value: unknown }, source: YamlSource): Words {
  const place = source.place(other.path, 'key');
  const name = other.path.findLast((part) => typeof part === 'string');
  return {
    message: `args say ${said(item)}, but ${String(name)} at ${place.line}:${place.column} says ${JSON.stringify(other.value)}`,
    hint: `keep one of the two; ${String(name)} is the better place`,
  };
}

function twiceInArgs(item: Lifted, before: Lifted, argsPath: Path, source: YamlSource): Words {
  const first = source.placeOfWord(argsPath, before.flag);
  return {
    message: `args say ${said(item)}, but at ${first.line}:${first.column} ${said(before)}`,
    hint: 'keep one of the two',
  };
}

/** `-tp=8` holds its value already. */
function said({ flag, value }: Lifted): string {
  return flag.includes('=') || typeof value === 'boolean' ? flag : `${flag} ${value}`;
}
