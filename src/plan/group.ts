import type { Mode } from '../modes/mode.ts';
import { derivedLength } from '../modes/vllm-throughput.ts';
import type { EngineSettings } from '../schema/engine.ts';
import { DEFAULT_STALL_SECONDS, type Job, type Launch } from '../schema/plan.ts';
import type { Precision } from '../schema/precision.ts';

/** Points with equal engine settings. */
export interface Group {
  readonly key: string;
  readonly mode: Mode;
  readonly engine: EngineSettings;
  readonly precision: Precision;
  readonly name: string;
  readonly jobs: Map<string, PlannedJob>;
  needed: number;
  /** Positions of the model; null where that is not known. */
  readonly positions: number | null;
  timeoutSeconds: number | null;
  stallSeconds: number | null;
  exclusive: boolean;
}

export interface PlannedJob {
  readonly job: Job;
  readonly starts: number;
}

/** The launches of a group: one an engine start, or one a measurement where engines are not shared. */
export function launchesOf(group: Group): Launch[] {
  const planned = [...group.jobs.values()];
  if (!group.mode.sharesEngine(group.engine)) return planned.flatMap((item) => processes(group, item));
  const starts = planned.reduce((most, item) => Math.max(most, item.starts), 0);
  return Array.from({ length: starts }, (_, start) => ({
    ...launchBase(group),
    id: `${group.key}-s${start}`,
    start,
    jobs: planned.filter((item) => item.starts > start).map((item) => item.job),
  }));
}

/** A driver that measures once and ends: every repeat is an engine start. */
function processes(group: Group, { job, starts }: PlannedJob): Launch[] {
  return Array.from({ length: starts * job.repeats }, (_, start) => ({
    ...launchBase(group),
    id: `${group.key}-${job.id}-s${start}`,
    name: job.run_name,
    start,
    jobs: [{ ...job, repeats: 1 }],
  }));
}

function launchBase(group: Group): Omit<Launch, 'id' | 'start' | 'jobs'> {
  const given = group.engine.max_model_len;
  const derived = derivedLength(group.needed, group.engine.driver, group.positions);
  return {
    group: group.key,
    name: group.name,
    engine: group.engine,
    precision: group.precision,
    max_model_len: given === null ? { value: derived, origin: 'derived' } : { value: given, origin: 'given' },
    timeout_seconds: group.timeoutSeconds,
    stall_seconds: group.stallSeconds ?? DEFAULT_STALL_SECONDS,
    exclusive: group.exclusive,
  };
}
