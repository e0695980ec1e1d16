import { basename, join } from 'node:path';
import type { JobSection } from '../../parsers/driver-log.ts';
import type { EngineLogFacts } from '../../parsers/engine-log.ts';
import { parseMeasurementFile } from '../../parsers/measurement-file.ts';
import { isUnreadable } from '../../parsers/parser.ts';
import { parseThroughputJson } from '../../parsers/vllm-output-json.ts';
import { parseThroughput } from '../../parsers/vllm-throughput.ts';
import type { EngineReport } from '../schema/engine.ts';
import type { Facts } from '../schema/facts.ts';
import { describeOutcome, type Outcome } from '../schema/outcome.ts';
import type { Job, Launch } from '../schema/plan.ts';
import type { RanPrecision, Reason, Sample } from '../schema/record.ts';
import type { Asked } from '../summary/check.ts';
import { ranPrecision } from '../summary/ran-precision.ts';
import { sampleFromMeasurement } from '../summary/sample.ts';
import { engineOf, isUnmeasured, sampleFromStock } from '../summary/stock-sample.ts';
import { withTelemetry } from '../summary/telemetry.ts';
import type { AttemptLog } from './attempt-log.ts';
import { linesOfEvidence, readEvidence } from './evidence.ts';
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

/**
 * The sample that the resident driver's file and its lines on stdout give. `sections`: all that the stdout of this
 * attempt says of this measurement, so far. A driver says it once; who says it twice contradicts itself.
 */
export function readResident(place: MeasurementPlace, sections: readonly JobSection[]): MeasurementRead {
  const section = sections.find(({ ended }) => ended === 'end') ?? sections[0];
  if (section === undefined) return unmeasured('no-result', "the attempt's stdout.log lacks its lines");
  // Only a name: what a driver prints must not lead us out of its folder.
  const name = basename(section.file ?? `${place.job.id}.r${place.repeat}.json`);
  const text = readEvidence(join(attemptDirectory(place.directory, place.attempt), name));
  if (text === null) return unmeasured('no-result', `the driver said that it wrote ${name}, which is not there`);
  if ('unreadable' in text) return unmeasured('unreadable-result', `${name || '""'}: ${text.unreadable}`);
  const file = parseMeasurementFile(text.text);
  if (isUnreadable(file)) return unmeasured('unreadable-result', `${name}: ${file.unreadable}`);
  const wanted = asked(place);
  const log = place.log.facts();
  const result = sampleFromMeasurement(file, wanted, where(place, name), section.printed, log);
  const { started_unix_s: from_unix_s, elapsed_s } = file;
  const window = { from_unix_s, to_unix_s: from_unix_s + elapsed_s };
  const seen = withTelemetry(result, place.log.telemetry.linesOf(window), window);
  const sample = { ...seen, invalid: [...seen.invalid, ...toldTwice(sections)] };
  return { sample, engine: file.engine, ran: ran(wanted, file.engine, log) };
}

/** The sample that vLLM's own benchmark left: both streams, its result file, and how it ended. */
export function readStock(place: MeasurementPlace, outcome: Outcome): MeasurementRead {
  const folder = attemptDirectory(place.directory, place.attempt);
  const name = `${place.job.id}.r${place.repeat}.output.json`;
  const paths = { stdout: join(folder, 'stdout.log'), stderr: join(folder, 'stderr.log') };
  const streams = { stdout: linesOfEvidence(paths.stdout), stderr: linesOfEvidence(paths.stderr) };
  const text = readEvidence(join(folder, name));
  if (text !== null && 'unreadable' in text) return unmeasured('unreadable-result', `${name}: ${text.unreadable}`);
  const json = text === null ? null : parseThroughputJson(text.text);
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

function unmeasured(code: string, message: string): { readonly unmeasured: Reason } {
  return { unmeasured: { code, message } };
}

function toldTwice(sections: readonly JobSection[]): Reason[] {
  if (sections.length < 2) return [];
  const lines = sections.map(({ first_line, last_line }) => `${first_line} to ${last_line}`).join(', ');
  return [{ code: 'repeated-lines', message: `measured ${sections.length} times in one log: lines ${lines}` }];
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
    vllm_version: facts.capabilities?.vllm_version ?? null,
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
