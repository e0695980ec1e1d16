import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { JobSection } from '../../parsers/driver-log.ts';
import type { EngineLogFacts } from '../../parsers/engine-log.ts';
import { parseMeasurementFile } from '../../parsers/measurement-file.ts';
import { isUnreadable } from '../../parsers/parser.ts';
import { parseThroughputJson } from '../../parsers/vllm-output-json.ts';
import { parseThroughput } from '../../parsers/vllm-throughput.ts';
import { linesOfFile } from '../journal/evidence-file.ts';
import type { EngineReport } from '../schema/engine.ts';
import type { Facts } from '../schema/facts.ts';
import { describeOutcome, type Outcome } from '../schema/outcome.ts';
import type { Job, Launch } from '../schema/plan.ts';
import type { RanPrecision, Reason, Sample } from '../schema/record.ts';
import type { Asked } from '../summary/check.ts';
import { ranPrecision } from '../summary/ran-precision.ts';
import { sampleFromMeasurement } from '../summary/sample.ts';
import { engineOf, isUnmeasured, sampleFromStock } from '../summary/stock-sample.ts';
import type { AttemptLog } from './attempt-log.ts';
import { attemptDirectory, LAYOUT } from './layout.ts';

/** Which measurement, and where its evidence is. */
export interface MeasurementPlace {
  readonly directory: string;
  readonly facts: Facts;
  readonly attempt: string;
  /** Of that attempt. */
  readonly log: AttemptLog;
  readonly launch: Launch;
  readonly job: Job;
  readonly repeat: number;
}

export type MeasurementRead =
  | { readonly sample: Sample; readonly engine: EngineReport | null; readonly ran: RanPrecision | null }
  | { readonly unmeasured: Reason };

/** The sample that the resident driver's file and its lines on stdout give. */
export function readResident(place: MeasurementPlace, section: JobSection): MeasurementRead {
  // Only a name: what a driver prints must not lead us out of its folder.
  const name = basename(section.file ?? `${place.job.id}.r${place.repeat}.json`);
  const path = join(attemptDirectory(place.directory, place.attempt), name);
  if (!existsSync(path))
    return { unmeasured: { code: 'no-result', message: `the driver said that it wrote ${name}, which is not there` } };
  const file = parseMeasurementFile(readFileSync(path, 'utf8'));
  if (isUnreadable(file)) return { unmeasured: { code: 'unreadable-result', message: `${name}: ${file.unreadable}` } };
  const wanted = asked(place);
  const log = place.log.facts();
  const sample = sampleFromMeasurement(file, wanted, where(place, name), section.printed, log);
  return { sample, engine: file.engine, ran: ran(wanted, file.engine, log) };
}

/** The sample that vLLM's own benchmark left: both streams, its result file, and how it ended. */
export function readStock(place: MeasurementPlace, outcome: Outcome): MeasurementRead {
  const folder = attemptDirectory(place.directory, place.attempt);
  const name = `${place.job.id}.r${place.repeat}.output.json`;
  const streams = { stdout: linesOfFile(join(folder, 'stdout.log')), stderr: linesOfFile(join(folder, 'stderr.log')) };
  const json = existsSync(join(folder, name)) ? parseThroughputJson(readFileSync(join(folder, name), 'utf8')) : null;
  const exitCode = outcome.kind === 'exited' ? outcome.exitCode : null;
  const wanted = asked(place);
  const log = place.log.facts();
  const result = sampleFromStock(parseThroughput(streams), json, wanted, where(place, name), exitCode, log);
  if (isUnmeasured(result)) return result;
  // A benchmark that was killed may have left a whole result file all the same.
  const ended = exitCode === null ? [{ code: 'exit', message: `the benchmark ${describeOutcome(outcome)}` }] : [];
  const sample = { ...result, invalid: [...result.invalid, ...ended] };
  const engine = engineOf(log);
  return { sample, engine, ran: ran(wanted, engine, log) };
}

function ran({ precision, checkpoint }: Asked, engine: EngineReport | null, log: EngineLogFacts | null) {
  return ranPrecision(precision, engine, log, checkpoint?.size ?? null);
}

function asked({ launch, job, repeat, facts }: MeasurementPlace): Asked {
  const checkpoint = launch.engine.checkpoint ?? launch.engine.model;
  return {
    job_id: job.id,
    repeat,
    workload: job.workload,
    engine: launch.engine,
    max_model_len: launch.max_model_len.value,
    precision: launch.precision,
    checkpoint: facts.checkpoints.find(({ model }) => model === checkpoint) ?? null,
    devices: facts.devices,
    min_duration_s: job.min_duration_seconds,
  };
}

function where({ attempt, launch }: MeasurementPlace, file: string) {
  return {
    start: launch.start,
    attempt: `${LAYOUT.attempts}/${attempt}`,
    evidence: `${LAYOUT.attempts}/${attempt}/${file}`,
  };
}
