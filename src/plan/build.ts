import { modeById } from '../modes/index.ts';
import type { Mode, Point } from '../modes/mode.ts';
import { checkpointOf, precisionOf } from '../modes/precision.ts';
import type { Resolved } from '../modes/precision-asked.ts';
import { neededLength } from '../modes/vllm-throughput.ts';
import type { EngineSettings } from '../schema/engine.ts';
import type { Facts } from '../schema/facts.ts';
import type { Plan, SkippedJob, Until } from '../schema/plan.ts';
import type { Precision } from '../schema/precision.ts';
import type { RunConfig, RunSpec } from '../schema/run-config.ts';
import { type Group, launchesOf } from './group.ts';
import { engineKey, identity, jobId, shortHash } from './identity.ts';
import { impossible } from './impossible.ts';
import { launchName, namer } from './names.ts';
import { planNotes, sharedMemoryNotes } from './notes.ts';

/**
 * What a run definition means on a host with these facts: launches, each with the jobs that share its engine, and the
 * points that cannot be, with the reason. Pure: the same arguments give the same plan. `bindDevices`: points that need
 * more devices than the host has are skipped; a plan that is only looked at may be for another host.
 */
export function buildPlan(config: RunConfig, facts: Facts, { bindDevices }: { bindDevices: boolean }): Plan {
  const groups = new Map<string, Group>();
  const skipped: SkippedJob[] = [];
  const planned = bindDevices ? facts : forAnotherHost(facts);
  for (const run of config.runs) collect(run, { facts, planned, bindDevices }, groups, skipped);
  const launches = [...groups.values()].flatMap((group) => launchesOf(group));
  const notes = [...planNotes(launches, planned), ...sharedMemoryNotes(launches, facts.devices)];
  return { schema: 1, facts, order_seed: config.order_seed, launches, skipped, notes };
}

/** What points are planned with. */
interface Host {
  readonly facts: Facts;
  /** The facts that may refuse a point. */
  readonly planned: Facts;
  readonly bindDevices: boolean;
}

/** Somebody who looks at a plan on a host without accelerators plans for one that has some. */
export function forAnotherHost(facts: Facts): Facts {
  if (facts.devices !== null && facts.devices.kind !== 'cpu') return facts;
  const { capabilities } = facts;
  return { ...facts, devices: null, capabilities: capabilities && { ...capabilities, platform: null } };
}

function collect(
  run: RunSpec,
  { facts, planned, bindDevices }: Host,
  groups: Map<string, Group>,
  skipped: SkippedJob[],
): void {
  const mode = modeById(run.mode);
  const nameOf = namer(run);
  const least = run.min_duration_seconds ?? defaultDuration(facts);
  // Points of one engine come one after the other: what is the same for all of them is found out once.
  let last: { engine: EngineSettings; resolved: Resolved; identity: string; group: Group | null } | null = null;
  for (const point of mode.points(run, facts)) {
    const { engine, workload } = point;
    if (last === null || last.engine !== engine) {
      const resolved = precisionOf(engine, planned);
      last = { engine, resolved, identity: identity(mode.id, engine, facts), group: null };
    }
    const { resolved } = last;
    const skip = (reason: string) => skipped.push({ run_name: nameOf(point), mode: mode.id, engine, workload, reason });
    if ('refused' in resolved) {
      skip(resolved.refused);
      continue;
    }
    const reason = impossible(point, resolved.precision, planned, bindDevices);
    if (reason !== null) {
      skip(reason);
      continue;
    }
    last.group ??= groupFor(point, resolved.precision, { run, mode, facts }, groups);
    addJob(last.group, last.identity, point, nameOf(point), run, least);
  }
}

/** Seconds below which a measurement counts for nothing; a CPU is measured to see that everything works. */
function defaultDuration({ devices }: Facts): number {
  return devices === null || devices.kind === 'cpu' ? 0.01 : 5;
}

function groupFor(
  point: Point,
  precision: Precision,
  { run, mode, facts }: { readonly run: RunSpec; readonly mode: Mode; readonly facts: Facts },
  groups: Map<string, Group>,
): Group {
  const key = shortHash(`${mode.id}\n${engineKey(point.engine)}`);
  const existing = groups.get(key);
  if (existing !== undefined) return existing;
  const group: Group = {
    key,
    mode,
    engine: point.engine,
    precision,
    name: launchName(run, point),
    jobs: new Map(),
    needed: 0,
    positions: checkpointOf(point.engine, facts)?.max_position_embeddings ?? null,
    timeoutSeconds: null,
    stallSeconds: null,
    exclusive: false,
  };
  groups.set(key, group);
  return group;
}

function addJob(
  group: Group,
  idBase: string,
  point: Point,
  name: string,
  run: RunSpec,
  minDurationSeconds: number,
): void {
  const id = jobId(idBase, point.workload);
  const before = group.jobs.get(id);
  const isNew = before !== undefined && before.job.run_name !== name && !before.job.also_named.includes(name);
  group.jobs.set(id, {
    job: {
      id,
      run_name: before?.job.run_name ?? name,
      also_named: [...(before?.job.also_named ?? []), ...(isNew ? [name] : [])],
      mode: group.mode.id,
      workload: point.workload,
      repeats: Math.max(run.repeats, before?.job.repeats ?? 0),
      until: stricter(run.until, before?.job.until ?? null),
      min_duration_seconds: Math.max(minDurationSeconds, before?.job.min_duration_seconds ?? 0),
    },
    starts: Math.max(run.starts, before?.starts ?? 0),
  });
  group.needed = Math.max(group.needed, neededLength(point.workload, point.engine.driver));
  if (run.timeout_minutes !== null)
    group.timeoutSeconds = Math.max(group.timeoutSeconds ?? 0, run.timeout_minutes * 60);
  if (run.stall_minutes !== null) group.stallSeconds = Math.max(group.stallSeconds ?? 0, run.stall_minutes * 60);
  group.exclusive ||= run.exclusive;
}

/** What satisfies both of two runs that ask for one point. */
function stricter(a: Until | null, b: Until | null): Until | null {
  if (a === null || b === null) return a ?? b;
  return { cv: Math.min(a.cv, b.cv), max_repeats: Math.max(a.max_repeats, b.max_repeats) };
}
