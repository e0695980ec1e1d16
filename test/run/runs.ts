import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { DeviceSources } from '../../src/devices/sources.ts';
import { localExecutor } from '../../src/executors/local.ts';
import type { JournalEvent } from '../../src/journal/events.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { type RemainingLaunch, remaining } from '../../src/plan/remaining.ts';
import type { Notice } from '../../src/run/notice.ts';
import { type RunRequest, type RunResult, runPlan } from '../../src/run/run.ts';
import type { Environment } from '../../src/schema/environment.ts';
import type { Facts } from '../../src/schema/facts.ts';
import type { Plan } from '../../src/schema/plan.ts';
import type { JobRecord } from '../../src/schema/record.ts';
import { configOf } from '../config/definition.ts';
import { emptyFolder } from '../journal/folder.ts';
import { NO_FACTS } from '../plan/plans.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const STAND_INS: Readonly<Record<string, string>> = {
  'resident.py': fileURLToPath(new URL('../../fixtures/programs/stand-in-driver.mjs', import.meta.url)),
  'stock.py': fileURLToPath(new URL('../../fixtures/programs/stand-in-benchmark.mjs', import.meta.url)),
};

export const ENVIRONMENT: Environment = {
  schema: 1,
  recorded_at: '2026-11-22T10:00:00.000Z',
  orchestrate_version: '0.1.0',
  node_version: 'v24.0.0',
  hostname: 'stand-in',
  os: 'Linux',
  kernel: '6.1',
  cpu: { model: 'a CPU', cores: 2 },
  memory_bytes: 2 ** 30,
  python: null,
  python_version: null,
  vllm_version: null,
  vllm_distribution: null,
  torch_version: null,
  cuda_version: null,
  driver_version: null,
  devices: [],
  packages: {},
  variables: {},
  checkpoints: [],
  absent: {},
};

/** A host without accelerators. */
export const NO_DEVICES: DeviceSources = {
  env: {},
  nvidiaSmi: async () => ({ kind: 'absent' }),
  exists: () => false,
  list: () => [],
  read: () => null,
};

/** A run of one point: its name is what the stand-in does, its length makes it another point. */
export function point(name: string, input_len = 8, more: object = {}) {
  return {
    ...{ name, mode: 'vllm_throughput', model: 'stand-in/model', num_prompts: 4, warmups: 1 },
    length_configs: [{ input_len, output_len: 4 }],
    ...more,
  };
}

export interface Finished extends RunResult {
  readonly directory: string;
  readonly notices: readonly Notice[];
  /** Measurements for which a driver was started: run name and repeat, in their order. */
  readonly began: readonly string[];
}

export interface RunChanges extends Partial<Omit<RunRequest, 'plan' | 'definition'>> {
  readonly retries?: number;
  readonly retryDelaySeconds?: number;
  readonly facts?: Facts;
  /** What stands in the run definition beside the runs. */
  readonly root?: object;
}

/** Carries out runs with the stand-in drivers, and sees to it that no process is left. */
export async function carryOut(runs: readonly object[], changes: RunChanges = {}): Promise<Finished> {
  const { retries = 0, retryDelaySeconds = 0, facts = NO_FACTS, root = {}, ...others } = changes;
  const { directory = emptyFolder(), notify, ...rest } = others;
  const definition = JSON.stringify({ ...root, standalone_runs: runs });
  const notices: Notice[] = [];
  const result = await runPlan({
    ...{ definition, directory, environment: ENVIRONMENT },
    plan: inWrittenOrder(buildPlan(configOf(definition), facts, { bindDevices: false })),
    executor: localExecutor(),
    tools: { python: process.execPath, driver: (name) => STAND_INS[name] ?? name, modelPath: (model) => model },
    env: { PATH: process.env['PATH'] ?? '', STAND_IN_STATE: emptyFolder() },
    policy: { retries, retryDelaySeconds, maxConsecutiveFailures: 3, foreignProcesses: 'warn' },
    sources: NO_DEVICES,
    fontDir: join(ROOT, 'assets', 'fonts'),
    now: () => new Date('2026-11-22T10:00:00Z'),
    signal: new AbortController().signal,
    ...rest,
    notify: (notice) => {
      notices.push(notice);
      notify?.(notice);
    },
  });
  expect(survivors(directory)).toEqual([]);
  const began = notices.flatMap((notice) =>
    notice.kind === 'measurement-began' ? [`${notice.job.run_name} r${notice.repeat}`] : [],
  );
  return { ...result, directory, notices, began };
}

/** The plan with the first seed whose shuffle leaves every round as it is written, so tests can say what is next. */
function inWrittenOrder(plan: Plan): Plan {
  const isWritten = ({ launch, wanted }: RemainingLaunch): boolean => {
    const places = wanted.map(({ job, repeat }) => repeat * launch.jobs.length + launch.jobs.indexOf(job));
    return places.every((place, index) => index === 0 || place > (places[index - 1] ?? 0));
  };
  for (let order_seed = 0; order_seed < 20_000; order_seed += 1) {
    const seeded = { ...plan, order_seed };
    if (remaining(seeded, []).every(isWritten)) return seeded;
  }
  return plan;
}

/** Command lines of live processes that carry the marker of an attempt in this directory's journal. */
export function survivors(directory: string): string[] {
  const markers = new Set(
    journalOf(directory).flatMap((event) =>
      event.event === 'attempt_started' ? [`ORCHESTRATE_MARKER=${(event.handle as { marker: string }).marker}`] : [],
    ),
  );
  return globSync('/proc/[0-9]*/environ').flatMap((path) => {
    try {
      const isOurs = readFileSync(path, 'utf8')
        .split('\0')
        .some((variable) => markers.has(variable));
      return isOurs ? [readFileSync(path.replace(/environ$/, 'cmdline'), 'utf8').replaceAll('\0', ' ')] : [];
    } catch {
      return []; // gone meanwhile
    }
  });
}

/** The lines of events.jsonl, as they stand there. */
export function journalOf(directory: string): JournalEvent[] {
  const path = join(directory, 'events.jsonl');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JournalEvent);
}

export function readJson<T = unknown>(...path: string[]): T {
  return JSON.parse(readFileSync(join(...path), 'utf8')) as T;
}

/** Every file below a directory, by its path from there. */
export function filesIn(directory: string): string[] {
  return (readdirSync(directory, { recursive: true }) as string[])
    .filter((path) => statSync(join(directory, path)).isFile())
    .toSorted();
}

/** The record of the point whose name begins so. */
export function recordOf({ summary }: Pick<RunResult, 'summary'>, name: string): JobRecord {
  const found = summary.records.filter(({ run_name }) => run_name.startsWith(`${name}_TP-`));
  const [record] = found;
  if (record === undefined || found.length > 1) throw new Error(`${found.length} records of ${name}`);
  return record;
}

/** `name: state` of every record. */
export function statesOf({ summary }: Pick<RunResult, 'summary'>): Record<string, string> {
  return Object.fromEntries(summary.records.map(({ run_name, state }) => [run_name.replace(/_TP-.*/, ''), state]));
}
