import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { withDirectoryLock } from '../environment/directory-lock.ts';
import { Refusal } from '../errors/refusal.ts';
import { openJournal } from '../journal/journal.ts';
import { remaining } from '../plan/remaining.ts';
import { type Plan, publicPlan } from '../schema/plan.ts';
import { secretRemover } from '../schema/secrets.ts';
import type { Summary } from '../schema/summary.ts';
import { writeAtomically } from '../sinks/directory.ts';
import { collect } from './collect.ts';
import type { RunContext, RunSurroundings } from './context.ts';
import { runLaunch } from './launch.ts';
import { LAYOUT, stampOf } from './layout.ts';
import { writeRecord, writeReports } from './outputs.ts';

export interface RunRequest extends RunSurroundings {
  /** The text of the run definition, kept beside the results. */
  readonly definition: string;
  readonly fontDir: string;
}

export interface RunResult {
  readonly summary: Summary;
  /** Measurements that are still to be made, after an interruption. */
  readonly left: number;
  readonly interruptedBy: string | null;
}

/** Carries a plan out in a directory: what is there already is kept, what is missing is measured, and all is reported. */
export async function runPlan(request: RunRequest): Promise<RunResult> {
  const { directory } = request;
  const attempts = join(directory, LAYOUT.attempts);
  mkdirSync(directory, { recursive: true });
  if (!existsSync(attempts)) mkdirSync(attempts);
  if (!statSync(attempts).isDirectory()) throw new Refusal('host', `${attempts} is a file, where a run keeps a folder`);
  const refuse = (holder: string) => {
    throw new Refusal(
      'host',
      `another run is going on in ${directory}: ${holder}`,
      'wait for it, or give another --output-dir',
    );
  };
  const lock = { signal: new AbortController().signal, onWait: refuse };
  return withDirectoryLock(join(directory, LAYOUT.lock), lock, () => runLocked(request));
}

async function runLocked(request: RunRequest): Promise<RunResult> {
  const { plan, directory, notify } = request;
  const removeSecrets = secretRemover(plan.launches.map(({ engine }) => engine));
  writeAtomically(join(directory, LAYOUT.definition), removeSecrets(request.definition));
  writeAtomically(join(directory, LAYOUT.plan), `${JSON.stringify(publicPlan(plan), null, 1)}\n`);
  // The run's own is the first; every attempt has that of the host and the day it ran on.
  if (!existsSync(join(directory, LAYOUT.environment))) {
    writeAtomically(join(directory, LAYOUT.environment), `${JSON.stringify(request.environment, null, 2)}\n`);
  }
  const journal = openJournal(directory);
  try {
    const ledger = collect(plan, directory, journal.events);
    const todo = remaining(plan, ledger.done());
    const total = ledger.asked();
    const left = todo.reduce((sum, { wanted }) => sum + wanted.length, 0);
    journal.append({
      event: 'run_started',
      at: request.now().toISOString(),
      version: request.environment.orchestrate_version,
    });
    for (const text of [...notesOn(journal, plan), ...ledger.notes]) notify({ kind: 'note', text });
    const atMost = todo.some(({ wanted }) => wanted.some(({ job }) => job.until !== null));
    notify({
      ...{ kind: 'run-started', directory, launches: todo.length, measurements: total, alreadyDone: total - left },
      ...(atMost ? { atMost } : {}),
    });
    const context = contextOf(request, journal, ledger);
    for (const launch of todo) {
      if (request.signal.aborted) break;
      await runLaunch(launch, context);
      await writeReports(directory, ledger.summary(request.environment), request.fontDir, 'texts');
    }
    const summary = ledger.summary(request.environment);
    for (const record of summary.records) writeRecord(directory, record);
    await writeReports(directory, summary, request.fontDir, 'all');
    const interruptedBy = request.signal.aborted ? String(request.signal.reason) : null;
    journal.append({ event: 'run_ended', at: request.now().toISOString(), interrupted_by: interruptedBy });
    const stillLeft = remaining(plan, ledger.done()).reduce((sum, { wanted }) => sum + wanted.length, 0);
    return { summary, left: stillLeft, interruptedBy };
  } finally {
    journal.close();
  }
}

/** What a directory holds that this plan does not speak of; it is kept, and left out of the reports. */
function notesOn({ events, unreadable }: RunContext['journal'], plan: Plan): string[] {
  const planned = new Set(plan.launches.flatMap(({ jobs }) => jobs.map(({ id }) => id)));
  const strangers = new Set(
    events.flatMap((event) => (event.event === 'measured' && !planned.has(event.job) ? [event.job] : [])),
  );
  return [
    ...(strangers.size === 0
      ? []
      : [
          `${strangers.size} measured before that this run definition does not ask for (as it is now, on this vLLM and host): kept in records/, left out of the reports`,
        ]),
    ...(unreadable === 0
      ? []
      : [`${unreadable} lines of events.jsonl cannot be read by this version: what they tell is measured again`]),
  ];
}

function contextOf(request: RunRequest, journal: RunContext['journal'], ledger: RunContext['ledger']): RunContext {
  const { plan, directory, executor, tools, env, policy, now, notify, signal } = request;
  // By the folders, not by the journal: a journal that lost its end must not lead into a folder that has evidence.
  let attempts = readdirSync(join(directory, LAYOUT.attempts)).reduce(
    (last, name) => Math.max(last, Number.parseInt(name, 10) || 0),
    0,
  );
  return {
    ...{ plan, directory, journal, ledger, executor, tools, env, policy, now, notify, signal },
    environment: request.environment,
    stamp: stampOf(now()),
    nextAttempt: () => {
      attempts += 1;
      return attempts;
    },
    recordChanged: (jobId) => {
      const record = ledger.record(jobId);
      if (record !== null) writeRecord(directory, record);
    },
  };
}
