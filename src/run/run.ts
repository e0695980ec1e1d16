import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Executor } from '../executors/executor.ts';
import { openJournal } from '../journal/journal.ts';
import type { Tools } from '../modes/mode.ts';
import { remaining } from '../plan/remaining.ts';
import type { Environment } from '../schema/environment.ts';
import { measurementCount, type Plan } from '../schema/plan.ts';
import { publicSettings, secretRemover } from '../schema/secrets.ts';
import type { Summary } from '../schema/summary.ts';
import { writeAtomically } from '../sinks/directory.ts';
import { collect } from './collect.ts';
import type { RetryPolicy, RunContext } from './context.ts';
import { runLaunch } from './launch.ts';
import { LAYOUT, stampOf } from './layout.ts';
import type { Notify } from './notice.ts';
import { writeReports } from './outputs.ts';

export interface RunRequest {
  readonly plan: Plan;
  /** The text of the run definition, kept beside the results. */
  readonly definition: string;
  readonly environment: Environment;
  readonly directory: string;
  readonly executor: Executor<unknown>;
  readonly tools: Tools;
  readonly env: Readonly<Record<string, string>>;
  readonly policy: RetryPolicy;
  readonly fontDir: string;
  readonly now: () => Date;
  readonly notify: Notify;
  /** Aborted with the name of a signal when the user wants to stop. */
  readonly signal: AbortSignal;
}

export interface RunResult {
  readonly summary: Summary;
  /** Measurements that are still to be made, after an interruption. */
  readonly left: number;
  readonly interruptedBy: string | null;
}

/** Carries a plan out in a directory: what is there already is kept, what is missing is measured, and all is reported. */
export async function runPlan(request: RunRequest): Promise<RunResult> {
  const { plan, directory, notify } = request;
  mkdirSync(join(directory, LAYOUT.attempts), { recursive: true });
  const removeSecrets = secretRemover(plan.launches.map(({ engine }) => engine));
  writeAtomically(join(directory, LAYOUT.definition), removeSecrets(request.definition));
  writeAtomically(join(directory, LAYOUT.plan), `${JSON.stringify(publicPlan(plan), null, 1)}\n`);
  // The run's own is the first; a resumed run on another host says so in its attempts' logs.
  if (!existsSync(join(directory, LAYOUT.environment))) {
    writeAtomically(join(directory, LAYOUT.environment), `${JSON.stringify(request.environment, null, 2)}\n`);
  }
  const journal = openJournal(directory);
  try {
    const ledger = collect(plan, directory, journal.events);
    const todo = remaining(plan, ledger.done());
    const total = measurementCount(plan);
    const left = todo.reduce((sum, { wanted }) => sum + wanted.length, 0);
    journal.append({
      event: 'run_started',
      at: request.now().toISOString(),
      version: request.environment.orchestrate_version,
    });
    notify({ kind: 'run-started', directory, launches: todo.length, measurements: total, alreadyDone: total - left });
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

function contextOf(request: RunRequest, journal: RunContext['journal'], ledger: RunContext['ledger']): RunContext {
  const { plan, directory, executor, tools, env, policy, now, notify, signal } = request;
  // By the folders, not by the journal: a journal that lost its end must not lead into a folder that has evidence.
  let attempts = Math.max(
    0,
    ...readdirSync(join(directory, LAYOUT.attempts)).map((name) => Number.parseInt(name, 10) || 0),
  );
  return {
    ...{ plan, directory, journal, ledger, executor, tools, env, policy, now, notify, signal },
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

/** The plan as it may be passed around. */
function publicPlan(plan: Plan): Plan {
  const clean = <T extends { engine: Plan['launches'][number]['engine'] }>(item: T): T => ({
    ...item,
    engine: publicSettings(item.engine),
  });
  return { ...plan, launches: plan.launches.map(clean), skipped: plan.skipped.map(clean) };
}

function writeRecord(directory: string, written: Summary['records'][number]): void {
  const record = { ...written, engine: publicSettings(written.engine) };
  writeAtomically(join(directory, LAYOUT.records, `${record.job_id}.json`), `${JSON.stringify(record, null, 1)}\n`);
}
