import { appendFileSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Executor, LaunchRequest } from '../../src/executors/executor.ts';
import type { DriverJob, LaunchFile } from '../../src/schema/driver-protocol.ts';

interface Numbers {
  engineReport(flags: readonly string[]): object;
  measurementFile(job: DriverJob, repeat: number, engine: object): object;
  resultLines(file: object): string[];
}
const NUMBERS = fileURLToPath(new URL('../../fixtures/programs/stand-in-numbers.mjs', import.meta.url));

/**
 * Runs a launch in this process, so that what it writes is recorded with all the rest, in the order in which
 * src/drivers/atomic_file.py and session.py write: the file flushed, renamed, its folder flushed, and then the lines.
 */
export async function engineInProcess(): Promise<Executor<unknown>> {
  const numbers = (await import(NUMBERS)) as Numbers;
  const running = new Map<string, Promise<void>>();
  return {
    id: 'in-process',
    start: async (request) => {
      running.set(request.marker, carryOut(request, numbers));
      return { pid: null, marker: request.marker };
    },
    wait: async (handle) => {
      await running.get((handle as { marker: string }).marker);
      return { outcome: { kind: 'exited', exitCode: 0 }, leftBehind: [] };
    },
  };
}

async function carryOut({ args, directory }: LaunchRequest, numbers: Numbers): Promise<void> {
  const launch = JSON.parse(readFileSync(args[args.indexOf('--launch') + 1] ?? '', 'utf8')) as LaunchFile;
  const report = numbers.engineReport(args.slice(args.indexOf('--') + 1));
  const say = (line: string) => appendFileSync(join(directory, 'stdout.log'), `${line}\n`);
  const emit = (event: string, fields: object = {}) => say(`[orchestrate] ${JSON.stringify({ event, ...fields })}`);
  emit('driver_started', { driver: 'resident', method: 1, vllm_version: '0.32.0' });
  emit('engine_ready', { seconds: 0.5, engine: report });
  for (const { job: index, repeat } of launch.measurements) {
    const job = launch.jobs[index];
    if (job === undefined) continue;
    const name = `${job.id}.r${repeat}.json`;
    emit('job_begin', { job: job.id, run_name: job.run_name, repeat });
    const file = numbers.measurementFile(job, repeat, report);
    writeWhole(directory, name, JSON.stringify(file));
    for (const line of numbers.resultLines(file)) say(line);
    emit('job_end', { job: job.id, repeat, file: name });
    // The orchestrator looks every 100 ms: some of its events come between these, some after.
    await sleep(60);
  }
  emit('driver_done');
}

function writeWhole(folder: string, name: string, text: string): void {
  const path = join(folder, name);
  const file = openSync(`${path}.1.partial`, 'w');
  writeSync(file, text);
  fsyncSync(file);
  closeSync(file);
  renameSync(`${path}.1.partial`, path);
  const parent = openSync(folder, 'r');
  fsyncSync(parent);
  closeSync(parent);
}
