import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadConfig } from '../../src/config/load.ts';
import { localExecutor } from '../../src/executors/local.ts';
import { MODE_IDS } from '../../src/modes/index.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { type RunRequest, runPlan } from '../../src/run/run.ts';
import type { Environment } from '../../src/schema/environment.ts';
import { ROOT } from './measure.ts';

/**
 * Carries a run definition out with the stand-in driver, and says what that cost this process; its own process, so that
 * CPU time and memory are this run's alone. With `until-start` it dies as soon as the first launch has started, with
 * `until-end` when the last one has ended and no report is written yet.
 *
 *     node overhead-once.ts DEFINITION DIRECTORY [until-start | until-end]
 */
const [definitionFile = '', directory = '', until = ''] = process.argv.slice(2);

const ENVIRONMENT: Environment = {
  ...{ schema: 1, recorded_at: '2026-11-22T10:00:00.000Z', orchestrate_version: '0', node_version: process.version },
  ...{ hostname: 'bench', os: 'Linux', kernel: '', cpu: { model: '', cores: 2 }, memory_bytes: 2 ** 30 },
  ...{ python: null, python_version: null, vllm_version: null, vllm_distribution: null, torch_version: null },
  ...{
    cuda_version: null,
    driver_version: null,
    devices: [],
    packages: {},
    variables: {},
    checkpoints: [],
    absent: {},
  },
};

const definition = readFileSync(definitionFile, 'utf8');
const loaded = loadConfig(definition, { modes: MODE_IDS, maxJobs: 100_000 });
if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
const facts = { capabilities: null, checkpoints: [], devices: null };
const plan = buildPlan(loaded.config, facts, { bindDevices: false });

/** A host without accelerators, whatever the host has. */
const NO_DEVICES: RunRequest['sources'] = {
  env: {},
  nvidiaSmi: async () => ({ kind: 'absent' }),
  exists: () => false,
  list: () => [],
  read: () => null,
};

interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

const before = { time: performance.now(), cpu: process.cpuUsage() };
function costSoFar(): Cost {
  const { user, system } = process.cpuUsage(before.cpu);
  return { wall: (performance.now() - before.time) / 1000, cpu: (user + system) / 1e6 };
}

let launches: Cost = { wall: 0, cpu: 0 };
let ended = 0;
const notify: RunRequest['notify'] = ({ kind }) => {
  if (kind === 'attempt-ended') {
    launches = costSoFar();
    ended += 1;
    if (until === 'until-end' && ended === plan.launches.length) process.exit();
  }
  if (kind === 'attempt-started' && until === 'until-start') {
    // Since the process began: performance.now() counts from there.
    tell({ start: costSoFar(), sinceProcess: performance.now() / 1000 });
    process.exit();
  }
};
const result = await runPlan({
  ...{ definition, directory, environment: ENVIRONMENT, plan, notify },
  executor: localExecutor(),
  tools: {
    python: process.execPath,
    driver: () => join(ROOT, 'fixtures', 'programs', 'stand-in-driver.mjs'),
    modelPath: (model: string) => model,
  },
  env: { PATH: process.env['PATH'] ?? '', STAND_IN_STATE: dirname(definitionFile) },
  policy: { retries: 0, retryDelaySeconds: 0, maxConsecutiveFailures: 3, foreignProcesses: 'warn' },
  sources: NO_DEVICES,
  fontDir: join(ROOT, 'assets', 'fonts'),
  now: () => new Date(),
  signal: new AbortController().signal,
});
const valid = result.summary.records.filter(({ state }) => state === 'valid').length;
tell({ valid, launches, all: costSoFar(), mebibytes: process.resourceUsage().maxRSS / 1024 });

function tell(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}
