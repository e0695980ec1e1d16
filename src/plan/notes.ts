import { flagValue } from '../config/flag-value.ts';
import { workersOf } from '../config/workers.ts';
import { checkpointOf } from '../modes/precision.ts';
import { formatLabel, isFp4 } from '../modes/precision-asked.ts';
import type { DeviceFacts, Facts } from '../schema/facts.ts';
import type { Launch } from '../schema/plan.ts';

/** What a person should know before starting; nothing here stops the run. */
export function planNotes(launches: readonly Launch[], facts: Facts): string[] {
  const notes: string[] = [];
  for (const launch of launches) {
    if (launch.start > 0 || launch.engine.enable_prefix_caching) continue;
    const prefixed = launch.jobs.filter((job) => job.workload.shared_len > 0);
    if (prefixed.length > 0) {
      notes.push(
        `${prefixed[0]?.run_name}: a shared prefix with prefix caching off is computed for every request; nothing is reused`,
      );
    }
  }
  if (launches.some((launch) => flagValue(launch.engine.extra_args, '--load-format') === 'dummy')) {
    notes.push('--load-format dummy: random weights; speed only, and no load time');
  }
  const unknown = launches.flatMap((launch) => revisionNote(launch, facts) ?? []);
  const precisions = launches.flatMap((launch) => precisionNote(launch, facts) ?? []);
  return [...notes, ...new Set(unknown), ...new Set(precisions), ...halfChips(launches, facts.devices)];
}

/** Whatever is known of a model is known of one revision of it. */
function revisionNote({ engine }: Launch, facts: Facts): string | null {
  const revision = flagValue(engine.extra_args, '--revision');
  if (revision === null || checkpointOf(engine, facts)?.config_sha256 !== null) return null;
  return `${engine.checkpoint ?? engine.model}: revision ${revision} is not on this host, or runs use several: whether it is quantized, its size and its longest context are not known`;
}

/** What a precision is not, although its name says so. */
function precisionNote({ engine, precision }: Launch, facts: Facts): string | null {
  const { asked, weights, activations, reaches } = precision;
  if (precision.by === 'nobody' || weights === 'other') return null;
  const what = `${asked}${precision.flag === null || precision.flag === asked ? '' : ` (${precision.flag})`}`;
  if (reaches === 'experts' && precision.by === 'engine')
    return `${what}: only the experts are quantized; attention and the other linear layers stay as they are`;
  if (activations !== null) return null;
  const device = facts.devices === null ? 'this device' : describe(facts.devices);
  if (isFp4(weights))
    return `${what}: ${formatLabel(weights)} weights only (W4A16), computed in 16 bits on ${device}; this is no FP4 compute`;
  const stored = checkpointOf(engine, facts)?.quantization?.activations ?? null;
  if (weights !== 'fp8' || (precision.by === 'checkpoint' && stored === null)) return null;
  return `${what}: FP8 weights only (W8A16), computed in 16 bits on ${device}, which has no FP8 units`;
}

function describe({ name, compute_capability }: DeviceFacts): string {
  return compute_capability === null ? name : `${name} (compute capability ${compute_capability})`;
}

/** An Ironwood chip is two devices to vLLM. */
function halfChips(launches: readonly Launch[], devices: DeviceFacts | null): string[] {
  if (launches.length === 0 || devices?.kind !== 'tpu') return [];
  const perChip = devices.accelerator?.devices_per_chip ?? (/7x/i.test(devices.name) ? 2 : 1);
  if (perChip === 1) return [];
  return [
    `tensor_parallel_size counts devices of ${devices.name}, ${perChip} in a chip: 8 is ${8 / perChip} chips; figures per chip divide by chips`,
  ];
}

/**
 * Workers on lists of cores of one NUMA node share its memory, of which vLLM gives each gpu_memory_utilization: an
 * engine that finds less than that free does not start. `devices`: of this host, also where the plan is only looked at,
 * since only the definition makes lists of cores.
 */
export function sharedMemoryNotes(launches: readonly Launch[], devices: DeviceFacts | null): string[] {
  const lists = devices?.kind === 'cpu' ? (devices.ids?.length ?? 0) : 0;
  const beside = launches.filter(({ exclusive }) => !exclusive).map(({ engine }) => engine);
  const [least = lists, next = lists] = beside.map(workersOf).toSorted((a, b) => a - b);
  if (lists === 0 || least + next > lists) return [];
  const share = beside
    .filter(({ extra_args, env }) => {
      return flagValue(extra_args, '--kv-cache-memory-bytes') === null && env['VLLM_CPU_KVCACHE_SPACE'] === undefined;
    })
    .reduce((most, { gpu_memory_utilization }) => Math.max(most, gpu_memory_utilization), 0);
  if (share * lists <= 1) return [];
  // Rounded down: a sum of what is told must fit.
  const each = Math.floor((MOST_OF_A_NODE / lists) * 1000) / 1000;
  return [
    `gpu_memory_utilization ${share} on each of ${lists} lists of cores is more than all memory where they are of one NUMA node, and launches do not start beside each other: at most ${each} for each, or args: --kv-cache-memory-bytes`,
  ];
}

/** What vLLM takes of a device by default, which leaves something for everything else. */
const MOST_OF_A_NODE = 0.9;
