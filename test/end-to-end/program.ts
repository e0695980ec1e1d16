import { spawn } from 'node:child_process';
import { existsSync, globSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { toolsDirectory } from '../../src/environment/home.ts';
import { choosePython } from '../../src/environment/python.ts';
import type { JournalEvent } from '../../src/journal/events.ts';
import { emptyFolder } from '../journal/folder.ts';
import { journalOf, survivors } from '../run/runs.ts';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
/** The built command: `npm test` builds before; in between, `npm run build` does. */
const MAIN = join(ROOT, 'dist', 'src', 'cli', 'main.js');

/** For development: a Python with vLLM. Without it the command chooses, as it does for a user. */
const GIVEN = process.env['ORCHESTRATE_TEST_PYTHON'];
export const PYTHON: readonly string[] = GIVEN === undefined ? [] : ['--python', GIVEN];

/** Why there is no vLLM to run these tests on; null when there is one. */
export async function noVllm(): Promise<string | null> {
  if (!existsSync(MAIN)) return 'there is no build: npm run build';
  if (GIVEN !== undefined) return null;
  const surroundings = { env: process.env, cwd: ROOT, packageRoot: ROOT };
  const choice = await choosePython({ ...surroundings, given: null, tools: toolsDirectory(surroundings) });
  return choice.kind === 'found' ? null : 'there is no vLLM: ./orchestrate setup';
}

/** Small and quick to start: what counts is that it is real. */
export const ENGINE = '--model builtin:tiny-llama --enforce-eager --kv-cache-memory-bytes 268435456';
/** The engine in the driver's own process, which starts in two thirds of the time. */
export const IN_PROCESS = { VLLM_ENABLE_V1_MULTIPROCESSING: '0' };

/** A run definition in an empty folder. */
export function folderWith(run: object, root: object = {}): string {
  const folder = emptyFolder();
  const runs = [{ mode: 'vllm_throughput', args: ENGINE, num_prompts: 8, warmups: 2, min_duration_seconds: 0, ...run }];
  writeFileSync(join(folder, 'a.yaml'), JSON.stringify({ retries: 0, ...root, standalone_runs: runs }, null, 1));
  return folder;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built command in a folder. */
export function start(folder: string, words: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: folder,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (chunk: string) => {
      text[stream] += chunk;
    });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...text }));
  });
  return { kill: (signal: NodeJS.Signals) => child.kill(signal), ended };
}

export function orchestrate(folder: string, words: readonly string[], env?: Readonly<Record<string, string>>) {
  return start(folder, words, env).ended;
}

/** Waits until the journal of a run says so. */
export async function until(directory: string, happened: (events: readonly JournalEvent[]) => boolean, seconds = 300) {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    // A line may be half written.
    const events = existsSync(join(directory, 'events.jsonl')) ? wholeLines(directory) : [];
    if (happened(events)) return;
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s; there is ${JSON.stringify(events)}`);
    await sleep(50);
  }
}

function wholeLines(directory: string): JournalEvent[] {
  try {
    return journalOf(directory);
  } catch {
    return [];
  }
}

export const measuredIn = (events: readonly JournalEvent[]) =>
  events.filter(({ event }) => event === 'measured').length;

/** Processes of a run that still live: by their marker, and by the folder that they work in, whatever is in their environment. */
export function processesOf(directory: string): string[] {
  const inFolder = globSync('/proc/[0-9]*').flatMap((path) => {
    try {
      if (!readlinkSync(join(path, 'cwd')).startsWith(`${directory}/`)) return [];
      return [readFileSync(join(path, 'cmdline'), 'utf8').replaceAll('\0', ' ')];
    } catch {
      return []; // gone meanwhile
    }
  });
  return [...inFolder, ...survivors(directory)];
}
