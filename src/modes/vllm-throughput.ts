import { type DriverJob, type LaunchFile, PROTOCOL } from '../schema/driver-protocol.ts';
import type { EngineSettings } from '../schema/engine.ts';
import type { Facts } from '../schema/facts.ts';
import { type Job, type Launch, leastRepeats } from '../schema/plan.ts';
import type { Lengths, RunSpec } from '../schema/run-config.ts';
import type { Workload } from '../schema/workload.ts';
import { engineFlags } from './engine-flags.ts';
import type { CommandSpec, Mode, Point, Tools, Wanted } from './mode.ts';
import { checkpointOf, ownPrecision } from './precision.ts';
import { stockFlags } from './stock-flags.ts';

/** Offline throughput: every prompt is queued at once, and the engine works through them as fast as it can. */
export const vllmThroughput: Mode = {
  id: 'vllm_throughput',
  summary: 'offline throughput of vLLM, with TTFT and TPOT of every request',
  points,
  sharesEngine: (engine) => engine.driver.kind === 'resident',
  command: (launch, wanted, directory, tools, facts) =>
    launch.engine.driver.kind === 'resident'
      ? residentCommand(launch, wanted, directory, tools)
      : stockCommand(launch, wanted, directory, tools, facts),
};

function* points(run: RunSpec, facts: Facts): Generator<Point> {
  const workloads = [...workloadsOf(run, facts)];
  for (const model of run.models)
    for (const quantization of precisionsOf(run, model, facts))
      for (const kv_cache_dtype of run.kv_cache_dtypes)
        for (const tensor_parallel_size of run.tensor_parallel_sizes)
          for (const pipeline_parallel_size of run.pipeline_parallel_sizes)
            for (const max_num_seqs of run.max_num_seqs) {
              const base = {
                model,
                checkpoint: checkpointFor(run, quantization),
                quantization,
                kv_cache_dtype,
                tensor_parallel_size,
                pipeline_parallel_size,
                max_num_seqs,
              };
              yield* pointsOfEngine(run, base, workloads, facts);
            }
}

/** `auto` is the precision that the model's own files have. */
function precisionsOf({ quantizations }: RunSpec, model: string, facts: Facts): Set<string | null> {
  return new Set(quantizations.map((item) => (item === 'auto' ? ownPrecision(model, facts) : item)));
}

function checkpointFor({ checkpoints }: RunSpec, quantization: string | null): string | null {
  const key = quantization ?? 'none';
  return (Object.hasOwn(checkpoints, key) ? checkpoints[key] : null) ?? null;
}

type EngineAxes = Pick<
  EngineSettings,
  | 'model'
  | 'checkpoint'
  | 'quantization'
  | 'kv_cache_dtype'
  | 'tensor_parallel_size'
  | 'pipeline_parallel_size'
  | 'max_num_seqs'
>;

function* pointsOfEngine(
  run: RunSpec,
  axes: EngineAxes,
  workloads: readonly Workload[],
  facts: Facts,
): Generator<Point> {
  const cachingFor = (workload: Workload) =>
    run.enable_prefix_caching ?? (run.share_prefix_caching || workload.shared_len > 0);
  const engine = (enable_prefix_caching: boolean, max_model_len: number | null): EngineSettings => ({
    ...axes,
    gpu_memory_utilization: run.gpu_memory_utilization,
    enable_prefix_caching,
    max_model_len,
    extra_args: [...run.extra_args],
    env: { ...run.env },
    driver: run.driver,
  });
  if (run.max_model_len === 'per_point') {
    for (const workload of workloads)
      yield { engine: engine(cachingFor(workload), roomFor(workload, axes, run, facts)), workload };
    return;
  }
  // One object for every point that shares an engine: a sweep of 100,000 points must fit into memory.
  const engines = { on: engine(true, run.max_model_len), off: engine(false, run.max_model_len) };
  for (const workload of workloads) yield { engine: cachingFor(workload) ? engines.on : engines.off, workload };
}

function roomFor(workload: Workload, axes: EngineAxes, { driver }: RunSpec, facts: Facts): number {
  const positions = checkpointOf(axes, facts)?.max_position_embeddings ?? null;
  return derivedLength(neededLength(workload, driver), driver, positions);
}

function* workloadsOf(run: RunSpec, facts: Facts): Generator<Workload> {
  for (const length of run.lengths)
    for (const prefix of length.prefix_len === undefined ? run.prefix_lens : [length.prefix_len])
      for (const num_prefixes of prefix > 0 ? run.num_prefixes : [1])
        for (const num_prompts of run.num_prompts)
          yield workloadOf(run, length, prefix, num_prefixes, num_prompts, facts);
}

function workloadOf(
  run: RunSpec,
  length: Lengths,
  prefix: number,
  num_prefixes: number,
  num_prompts: number,
  facts: Facts,
): Workload {
  const stock = run.driver.kind !== 'resident';
  return {
    input_len: length.input_len,
    output_len: length.output_len,
    prefix_len: prefix,
    prefix_mode: run.prefix_mode,
    prompt_len: run.prefix_mode === 'inclusive' ? length.input_len : length.input_len + prefix,
    shared_len: prefix,
    num_prefixes,
    num_prompts,
    // vLLM's own benchmark never sends a prefix beforehand, whatever is asked for.
    prefix_state: stock || prefix === 0 ? 'cold' : run.prefix_state,
    warmups: stock && facts.capabilities !== null && !facts.capabilities.num_warmups ? 0 : run.warmups,
    seed: run.seed,
    load_shape: 'offline-burst',
  };
}

/**
 * Tokens that an engine must have room for. Our prompts are token ids of exact lengths; the stock benchmark's are texts
 * that may come back from the tokenizer a few tokens longer, and its check of the length is strict.
 */
export function neededLength(workload: Workload, driver: EngineSettings['driver']): number {
  return workload.prompt_len + workload.output_len + stockSlack(workload, driver);
}

/** The part of `neededLength` that no token is asked for of. */
export function stockSlack(workload: Workload, driver: EngineSettings['driver']): number {
  return driver.kind === 'resident' ? 0 : 1 + Math.max(64, Math.ceil(workload.prompt_len * 0.05));
}

/** A derived max_model_len for points that need so many tokens: one more, where the model has a position for it. */
export function derivedLength(needed: number, driver: EngineSettings['driver'], positions: number | null): number {
  if (driver.kind !== 'resident') return needed;
  return positions === null ? needed + 1 : Math.max(needed, Math.min(needed + 1, positions));
}

function residentCommand(launch: Launch, wanted: readonly Wanted[], directory: string, tools: Tools): CommandSpec {
  const jobs = [...new Set(wanted.map(({ job }) => job))];
  const index = new Map(jobs.map((job, i) => [job.id, i]));
  const file: LaunchFile = {
    protocol: PROTOCOL,
    launch_id: launch.id,
    out_dir: directory,
    jobs: jobs.map((job) => {
      const { id, run_name, workload } = job;
      const { prompt_len, shared_len, num_prefixes, output_len, num_prompts, prefix_state, warmups, seed } = workload;
      return {
        id,
        run_name,
        prompt_len,
        shared_len,
        num_prefixes,
        output_len,
        num_prompts,
        prefix_state,
        warmups,
        seed,
        until: driverUntil(job, wanted),
      };
    }),
    measurements: wanted.map(({ job, repeat }) => ({ job: index.get(job.id) ?? 0, repeat })),
  };
  return {
    file: tools.python,
    args: [tools.driver('resident.py'), '--launch', `${directory}/launch.json`, '--', ...engineFlags(launch, tools)],
    env: launch.engine.env,
    files: { 'launch.json': `${JSON.stringify(file, null, 1)}\n` },
  };
}

/** When the driver may leave out the rest of a job's repeats. */
function driverUntil(job: Job, wanted: readonly Wanted[]): DriverJob['until'] {
  if (job.until === null) return null;
  const known = wanted.find((item) => item.job === job)?.known ?? [];
  return { cv: job.until.cv, min_repeats: leastRepeats(job), known: [...known] };
}

/** One process, one measurement: the first that is wanted. */
function stockCommand(
  launch: Launch,
  wanted: readonly Wanted[],
  directory: string,
  tools: Tools,
  facts: Facts,
): CommandSpec {
  const { driver } = launch.engine;
  const [first] = wanted;
  if (first === undefined) throw new RangeError('a launch of the stock benchmark needs a measurement');
  return {
    file: tools.python,
    args: [
      tools.driver('stock.py'),
      ...(driver.kind === 'script' ? ['--script', driver.path] : []),
      ...['--job', first.job.id, '--run-name', first.job.run_name, '--repeat', String(first.repeat)],
      ...['--output-json', `${directory}/${first.job.id}.r${first.repeat}.output.json`],
      '--',
      ...engineFlags(launch, tools),
      ...stockFlags(first.job.workload, facts),
    ],
    env: launch.engine.env,
    files: {},
  };
}
