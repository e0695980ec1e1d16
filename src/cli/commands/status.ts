import { existsSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockHolder } from '../../environment/directory-lock.ts';
import { EXIT, type ExitCode, Refusal } from '../../errors/refusal.ts';
import { readEvents } from '../../journal/journal.ts';
import { LAYOUT } from '../../run/layout.ts';
import { type RunStatus, statusOf } from '../../run/status.ts';
import { Plan } from '../../schema/plan.ts';
import { againFor } from '../again.ts';
import { type Shell, SIGNAL_EXIT, type StopSignal } from '../shell.ts';
import { liveArea } from '../views/live-area.ts';
import { statusText } from '../views/status.ts';

export interface StatusOptions {
  readonly json?: boolean;
  readonly watch?: boolean;
}

const WATCH_MILLISECONDS = 2000;

/** Tells how far a run is; reads its plan, its journal and its lock, and writes nothing. */
export async function statusCommand(name: string, options: StatusOptions, shell: Shell): Promise<ExitCode> {
  const text = async () => told(name, await read(name, shell), options, shell);
  if (!options.watch) {
    shell.stdout.write((await text()).text);
    return EXIT.ok;
  }
  return watch(text, shell);
}

/** Shows it again and again until nothing runs any more, or somebody wants to stop looking. */
async function watch(
  text: () => Promise<{ text: string; state: RunStatus['state'] }>,
  shell: Shell,
): Promise<ExitCode> {
  const stop = new AbortController();
  const release = shell.onStop((signal) => stop.abort(signal));
  let last = await text();
  const area = liveArea(shell.stdout, shell.env, () => last.text.trimEnd());
  try {
    let shown = '';
    while (last.state === 'running' && !stop.signal.aborted) {
      // Where nothing can be drawn again, only what is new is worth a line.
      if (shell.stdout.isTTY !== true && last.text !== shown) area.print(last.text);
      shown = last.text;
      area.refresh();
      await sleep(WATCH_MILLISECONDS, undefined, { signal: stop.signal }).catch(() => undefined);
      last = await text();
    }
  } finally {
    area.close();
    release();
  }
  shell.stdout.write(last.text);
  return stop.signal.aborted ? SIGNAL_EXIT[stop.signal.reason as StopSignal] : EXIT.ok;
}

function told(
  name: string,
  status: RunStatus,
  { json }: StatusOptions,
  shell: Shell,
): { text: string; state: RunStatus['state'] } {
  if (json) return { text: `${JSON.stringify(status)}\n`, state: status.state };
  const again = againFor(status.typed, name, shell);
  return { text: statusText(status, { name, again, now: shell.now() }), state: status.state };
}

async function read(name: string, shell: Shell): Promise<RunStatus> {
  const directory = resolve(shell.cwd, name);
  const plan = readPlan(name, directory);
  const holder = await lockHolder(join(directory, LAYOUT.lock), shell.now());
  // After the lock: a run that ends just now has written its last event before it gave the lock back.
  return statusOf({ plan, events: readEvents(directory).events, holder, now: shell.now() });
}

function readPlan(name: string, directory: string): Plan {
  const path = join(directory, LAYOUT.plan);
  if (!existsSync(directory)) throw new Refusal('usage', `there is no folder ${name}`, REMEDY);
  if (!statSync(directory).isDirectory()) throw new Refusal('usage', `${name} is a file`, REMEDY);
  if (!existsSync(path)) {
    throw new Refusal('usage', `${name} is no output directory of a run: it has no ${LAYOUT.plan}`, REMEDY);
  }
  const value = jsonOf(path);
  const result = Plan.safeParse(value);
  if (result.success) return result.data;
  const [first] = result.error.issues;
  throw new Refusal(
    'usage',
    `${path} is no plan that this version knows (${first?.path.join('.')}: ${first?.message})`,
    'look at it with the version of orchestrate that wrote it',
  );
}

const REMEDY = 'give the folder that a run writes to, such as results/quickstart';

function jsonOf(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal('usage', `${path} cannot be read: ${why}`, 'the command that made it writes it again');
  }
}
