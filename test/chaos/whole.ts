import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JournalEvent } from '../../src/journal/events.ts';
import { JobRecord, type Sample } from '../../src/schema/record.ts';
import { livingIn } from './living.ts';

/** What must be so after the last resume, and is not: a sentence each. `undisturbed` is a run of the same definition. */
export function whatIsWrong(out: string, undisturbed: string): string[] {
  if (!existsSync(join(out, 'events.jsonl'))) return ['there is no events.jsonl'];
  return [...filesOf(out), ...journal(out), ...records(out, undisturbed), ...summary(out, undisturbed)].concat(
    livingIn(out).map(({ pid, command }) => `it still runs: ${pid} ${command}`),
  );
}

/** No file is torn or forgotten, but for what a launch that was killed left in its own folder. */
function filesOf(out: string): string[] {
  const paths = (readdirSync(out, { recursive: true }) as string[]).filter((path) => !path.startsWith('attempts/'));
  return paths.flatMap((path) => {
    if (path.endsWith('.partial')) return [`${path} was left`];
    if (path.startsWith('.lock')) return [`${path} was left`];
    return path.endsWith('.json') && parsed(join(out, path)) === undefined ? [`${path} is torn`] : [];
  });
}

/** Whole lines, each measurement told once, each with its evidence. */
function journal(out: string): string[] {
  const text = readFileSync(join(out, 'events.jsonl'), 'utf8');
  const lines = text.split('\n');
  const torn = lines.pop() === '' ? [] : ['events.jsonl ends in half a line'];
  const events = lines.flatMap((line, i) => {
    const read = JournalEvent.safeParse(orUndefined(() => JSON.parse(line)));
    if (!read.success) torn.push(`line ${i + 1} of events.jsonl is no event: ${line.slice(0, 100)}`);
    return read.success ? [read.data] : [];
  });
  const measured = events.filter((event) => event.event === 'measured');
  const twice = [...Map.groupBy(measured, ({ job, start, repeat }) => `${job}/${start}/${repeat}`)].flatMap(
    ([key, all]) => (all.length === 1 ? [] : [`${key} was measured ${all.length} times`]),
  );
  const gone = measured.flatMap(({ evidence }) =>
    parsed(join(out, evidence)) === undefined ? [`there is no whole ${evidence}`] : [],
  );
  return [...torn, ...twice, ...gone];
}

/** One record a job, with every sample that was asked for, and the same numbers. */
function records(out: string, undisturbed: string): string[] {
  const [here, there] = [recordsOf(out), recordsOf(undisturbed)];
  const strange = [...here.keys()].filter((name) => !there.has(name)).map((name) => `a strange record ${name}`);
  const wrong = [...there].flatMap(([name, expected]) => {
    const record = here.get(name);
    if (record === undefined) return [`record ${name} is missing`];
    return differences(essence(record), essence(expected), `record of ${expected.run_name}: `);
  });
  return [...strange, ...wrong];
}

function recordsOf(out: string): Map<string, JobRecord> {
  return new Map(
    globSync(join(out, 'records', '*')).map((path) => [
      path.slice(path.lastIndexOf('/') + 1),
      JobRecord.parse(parsed(path)),
    ]),
  );
}

/** What an interruption may not change of a record. */
function essence({ run_name, state, reasons, asked_samples, samples }: JobRecord) {
  const numbers = ({ start, repeat, invalid, counts, values, latency, missing }: Sample) => ({
    ...{ start, repeat, invalid, counts, values, latency, missing },
  });
  return { run_name, state, reasons, asked_samples, samples: samples.map(numbers) };
}

/** The same entries but for times and attempts; of several samples, how they spread over attempts changes the results. */
function summary(out: string, undisturbed: string): string[] {
  const [here, there] = [out, undisturbed].map((folder) => parsed(join(folder, 'summary_report.json')));
  if (!Array.isArray(here) || !Array.isArray(there)) return ['summary_report.json is no list'];
  return differences(here.map(comparable), there.map(comparable), 'summary_report.json: ');
}

const TIMES_AND_ATTEMPTS = ['client_log_file', 'client_log_lines', 'engine_start_s', 'environment'];
const OF_SEVERAL = ['results', 'samples', 'notes', 'missing'];

function comparable(entry: Record<string, unknown>): object {
  const isSeveral = /^(?:repeated|started|twice)_/.test(String(entry['run_name']));
  const left = [...TIMES_AND_ATTEMPTS, ...(isSeveral ? OF_SEVERAL : [])];
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !left.includes(key)));
}

/** What the hardware did meanwhile is another matter every time. */
const OF_HARDWARE = ['telemetry', 'power_w', 'energy_per_output_token_j'];

/** Where two JSON values differ: a line a leaf. */
function differences(is: unknown, should: unknown, path: string): string[] {
  if (typeof is !== 'object' || typeof should !== 'object' || is === null || should === null)
    return Object.is(is, should) ? [] : [`${path} is ${JSON.stringify(is)}, and undisturbed ${JSON.stringify(should)}`];
  return [...new Set([...Object.keys(is), ...Object.keys(should)])]
    .filter((key) => !OF_HARDWARE.includes(key))
    .flatMap((key) =>
      differences((is as Record<string, unknown>)[key], (should as Record<string, unknown>)[key], `${path}/${key}`),
    );
}

function parsed(path: string): unknown {
  return orUndefined(() => JSON.parse(readFileSync(path, 'utf8')));
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
