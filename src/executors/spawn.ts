import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Outcome } from '../schema/outcome.ts';
import { type LaunchRequest, MARKER_VARIABLE } from './executor.ts';
import { socketFolder } from './sweep.ts';

/** The program that every launch is started through: src/drivers/keeper.py, in a Python of at least 3.9. */
export interface Keeper {
  readonly python: string;
  readonly script: string;
}

/** A process of a launch: the keeper, or the command itself where there is no keeper. */
export interface Started {
  readonly pid: number | null;
  readonly exit: Promise<Exit>;
}

export interface Exit {
  readonly outcome: Outcome;
  /** Processes that the keeper could not end, in words. */
  readonly leftBehind: readonly string[];
}

/** How long after its end the keeper's report may still be on its way: for ever, if a stranger held the pipe open. */
const REPORT_MS = 500;
const REPORT_FD = 3;

/**
 * Starts a launch in a session of its own: Ctrl-C at the terminal reaches the orchestrator only. Streams go straight
 * from the process into files, so evidence is complete whatever happens to the orchestrator. The process holds the
 * reading end of a pipe of ours as stdin: when we die, it reads the end and stops.
 */
export function start(request: LaunchRequest, keeper: Keeper | null, stragglerSeconds: number): Started {
  const stdout = openSync(join(request.directory, 'stdout.log'), 'a');
  const stderr = openSync(join(request.directory, 'stderr.log'), 'a');
  try {
    const options: SpawnOptions = {
      cwd: request.directory,
      env: { ...request.env, [MARKER_VARIABLE]: request.marker },
      stdio: ['pipe', stdout, stderr, ...(keeper === null ? [] : ['pipe' as const])],
      detached: true,
    };
    const child =
      keeper === null
        ? spawn(request.file, request.args, options)
        : spawn(keeper.python, keeperArguments(request, keeper, stragglerSeconds), options);
    child.stdin?.on('error', () => undefined);
    return { pid: child.pid ?? null, exit: exitOf(child) };
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
}

function keeperArguments(request: LaunchRequest, keeper: Keeper, stragglerSeconds: number): string[] {
  const { directory, gpus, marker, file, args } = request;
  return [
    // Neither the user's modules nor site-packages: the keeper needs none, and is there in 25 ms.
    ...['-I', '-S', keeper.script],
    ...['--telemetry', join(directory, 'telemetry.jsonl'), ...(gpus.length === 0 ? [] : ['--gpus', gpus.join(',')])],
    ...['--stragglers', String(stragglerSeconds), '--folder', socketFolder(marker), '--report', String(REPORT_FD)],
    ...['--', file, ...args],
  ];
}

async function exitOf(child: ChildProcess): Promise<Exit> {
  const report = reportOf(child);
  const outcome = await new Promise<Outcome>((resolve) => {
    child.once('error', (error) => resolve({ kind: 'not-started', reason: error.message }));
    child.once('exit', (exitCode, signal) =>
      resolve(signal === null ? { kind: 'exited', exitCode: exitCode ?? 0 } : { kind: 'signalled', signal }),
    );
  });
  const { not_started, left_behind } = await report();
  return {
    outcome: not_started === undefined ? outcome : { kind: 'not-started', reason: not_started },
    leftBehind: left_behind ?? [],
  };
}

interface Report {
  readonly not_started?: string;
  readonly left_behind?: readonly string[];
}

/** What the keeper has told until it ended. */
function reportOf(child: ChildProcess): () => Promise<Report> {
  const pipe = child.stdio[REPORT_FD] as Readable | undefined;
  if (!pipe) return async () => ({});
  let text = '';
  pipe.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const end = new Promise((resolve) => {
    pipe.once('close', resolve).once('error', resolve);
  });
  return async () => {
    await Promise.race([end, sleep(REPORT_MS)]);
    pipe.destroy();
    const report: Record<string, unknown> = {};
    for (const line of text.split('\n')) Object.assign(report, parsed(line));
    return report;
  };
}

/** A line that is none was cut off by the keeper's death. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
