import { closest } from 'fastest-levenshtein';
import type { Lengths, RunConfig, RunSpec } from '../schema/run-config.ts';
import { acceleratorProblems } from './accelerators.ts';
import { checkpointProblems, inheritedCheckpoints } from './checkpoints.ts';
import { halfLength, lengthProblems, prefixProblems, rangeProblems, specProblems, twinProblem } from './checks.ts';
import { driverOf, modeOf } from './choices.ts';
import { type Level, readLevel } from './level.ts';
import { lifted, list, orNull, pick, prefixLens } from './merge.ts';
import type { Problem } from './problem.ts';
import { WORKLOADS } from './workloads.ts';
import type { WrittenConfig } from './written.ts';
import type { Path, YamlSource } from './yaml-source.ts';

/** Names of the modes that exist, given by the caller: config/ does not know the modes. */
export interface Known {
  readonly modes: readonly string[];
}

/** Merges defaults, lifts `args`, looks workloads up and checks what a schema cannot: all problems at once. */
export function resolve(
  written: WrittenConfig,
  source: YamlSource,
  known: Known,
  leftOut: readonly Path[],
): { config: RunConfig; problems: Problem[] } {
  const problems: Problem[] = [];
  const defaults = readLevel(written.defaults ?? {}, ['defaults'], source);
  problems.push(...defaults.problems, ...rangeProblems(defaults.level));
  const custom = Object.entries(written.workloads ?? {});
  for (const [name, lengths] of custom)
    problems.push(...prefixProblems(lengths, written.defaults?.prefix_mode, ['workloads', name], source));
  const table: Readonly<Record<string, Lengths>> = { ...WORKLOADS, ...written.workloads };
  const runs = written.standalone_runs.map((run, index): RunSpec => {
    const path: Path = ['standalone_runs', index];
    const isLeftOut = (...fields: string[]) => leftOut.some((place) => isField(place, index, fields));
    const { name, ...fields } = run;
    const own = readLevel(fields, path, source);
    problems.push(...own.problems);
    const twin = written.standalone_runs.findIndex((other) => other.name === name);
    if (twin < index) problems.push(twinProblem(name, twin, index, source));
    return specOf(name, own.level, defaults.level, { path, source, table, known, problems, isLeftOut });
  });
  problems.push(...inheritedCheckpoints(written, runs, source));
  const { accelerators = [], order_seed = 0 } = written;
  problems.push(...acceleratorProblems(accelerators, source));
  const { python = null, output_dir = null, retries = null, retry_delay_seconds = null } = written;
  return {
    config: {
      ...{ python, output_dir, retries, retry_delay_seconds, order_seed, accelerators, runs },
      max_consecutive_failures: written.max_consecutive_failures ?? null,
      foreign_processes: written.foreign_processes ?? null,
      devices: written.devices?.map(String) ?? null,
    },
    problems,
  };
}

/** True when a place is one of these fields of a run, or of the defaults; or the whole run. */
function isField([root, second, third]: Path, run: number, fields: readonly string[]): boolean {
  if (root === 'defaults') return second === undefined || fields.includes(String(second));
  return root === 'standalone_runs' && second === run && (third === undefined || fields.includes(String(third)));
}

export interface Context {
  readonly path: Path;
  readonly source: YamlSource;
  readonly table: Readonly<Record<string, Lengths>>;
  readonly known: Known;
  readonly problems: Problem[];
  /** True when one of these fields is there and wrong, so that its absence is no news. */
  readonly isLeftOut: (...fields: string[]) => boolean;
}

function specOf(name: string, own: Level, defaults: Level, context: Context): RunSpec {
  const fields = { ...defaults.fields, ...own.fields };
  // A run's args replace those of the defaults as a whole, what was lifted from them included.
  const inherited: Level = own.rest === null ? defaults : { ...defaults, lifted: new Map(), rest: null };
  const levels = [own, inherited];
  const lengths = lengthsOf(levels, context);
  const spec: RunSpec = {
    name,
    mode: modeOf(fields.mode, context),
    models: list(pick(levels, 'model')) as string[],
    quantizations: orNull(pick(levels, 'quantization') ?? 'auto', 'none') as (string | null)[],
    checkpoints: fields.checkpoints ?? {},
    kv_cache_dtypes: orNull(pick(levels, 'kv_cache_dtype'), 'auto') as (string | null)[],
    tensor_parallel_sizes: list(pick(levels, 'tensor_parallel_sizes') ?? 1) as number[],
    pipeline_parallel_sizes: list(pick(levels, 'pipeline_parallel_sizes') ?? 1) as number[],
    max_num_seqs: orNull(pick(levels, 'max_num_seqs'), null) as (number | null)[],
    lengths,
    prefix_lens: list(prefixLens(levels) ?? 0) as number[],
    num_prefixes: list(fields.num_prefixes ?? 1) as number[],
    num_prompts: list(pick(levels, 'num_prompts') ?? 1000) as number[],
    prefix_mode: fields.prefix_mode ?? 'inclusive',
    prefix_state: fields.prefix_state ?? 'warm',
    share_prefix_caching: fields.share_prefix_caching ?? false,
    enable_prefix_caching: lifted(levels, 'enable_prefix_caching') as boolean | null,
    max_model_len: (pick(levels, 'max_model_len') ?? null) as number | 'per_point' | null,
    gpu_memory_utilization: (pick(levels, 'gpu_memory_utilization') ?? 0.9) as number,
    repeats: fields.repeats ?? 1,
    until: fields.until ?? null,
    min_duration_seconds: fields.min_duration_seconds ?? null,
    starts: fields.starts ?? 1,
    warmups: (pick(levels, 'warmups') ?? 16) as number,
    seed: (pick(levels, 'seed') ?? 0) as number,
    env: { ...envOf(defaults, context.source), ...envOf(own, context.source) },
    timeout_minutes: fields.timeout_minutes ?? null,
    stall_minutes: fields.stall_minutes ?? null,
    exclusive: fields.exclusive ?? false,
    driver: driverOf(fields.driver, context),
    extra_args: own.rest ?? inherited.rest ?? [],
  };
  context.problems.push(...rangeProblems(own), ...specProblems(spec, context));
  if (own.fields.checkpoints !== undefined) context.problems.push(...checkpointProblems(spec, context));
  return spec;
}

/** Variables are texts: a number is taken as it is written, and not as YAML understands it. */
function envOf({ fields, path }: Level, source: YamlSource): Record<string, string> {
  const names = Object.entries(fields.env ?? {});
  return Object.fromEntries(
    names.map(([name, value]) => [name, source.textOf([...path, 'env', name]) ?? String(value)]),
  );
}

/** length_configs and workloads together; `--input-len` and `--output-len` of args when there are neither. */
function lengthsOf(levels: readonly Level[], context: Context): Lengths[] {
  for (const level of levels) {
    const { length_configs: configs = [], workloads } = level.fields;
    const names = list(workloads) as string[];
    const known = names.flatMap((name) => {
      const found = Object.hasOwn(context.table, name) ? context.table[name] : undefined;
      if (found === undefined) context.problems.push(unknownWorkload(name, level, context));
      return found ?? [];
    });
    if (configs.length > 0 || names.length > 0) {
      const lengths = [...configs, ...known];
      context.problems.push(...lengthProblems(level, lengths));
      return lengths;
    }
    const input = level.lifted.get('input_len');
    const output = level.lifted.get('output_len');
    if (input !== undefined && output !== undefined) {
      return [{ input_len: Number(input.value), output_len: Number(output.value) }];
    }
    const half = input ?? output;
    if (half !== undefined) {
      context.problems.push(halfLength(half, input === undefined ? '--input-len' : '--output-len'));
      return [];
    }
  }
  if (context.isLeftOut('length_configs', 'workloads', 'args')) return [];
  context.problems.push({
    ...context.source.place([...context.path, 'name'], 'key'),
    message: 'this run has no lengths',
    hint: 'write: length_configs: [{input_len: 1024, output_len: 1024}], or workloads: [chatbot]',
  });
  return [];
}

function unknownWorkload(name: string, level: Level, context: Context): Problem {
  const index = Array.isArray(level.fields.workloads) ? level.fields.workloads.indexOf(name) : null;
  const names = Object.keys(context.table);
  return {
    ...context.source.place(index === null ? [...level.path, 'workloads'] : [...level.path, 'workloads', index]),
    message: `unknown workload ${JSON.stringify(name)}`,
    hint: `did you mean ${closest(name, names)}? There are: ${names.join(', ')}`,
  };
}
