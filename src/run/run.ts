import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { withDirectoryLock } from '../environment/directory-lock.ts';
import { Refusal } from '../errors/refusal.ts';
import { type Journal, openJournal } from '../journal/journal.ts';
import { remaining } from '../plan/remaining.ts';
import { publicPlan } from '../schema/plan.ts';
import { secretRemover } from '../schema/secrets.ts';
import type { Summary } from '../schema/summary.ts';
import { makeFolder, removePartials, writeAtomically } from '../sinks/directory.ts';
import { carryOut } from './carry-out.ts';
import { recall } from './collect.ts';
import type { RunContext, RunSurroundings } from './context.ts';
import { DeviceGate } from './device-gate.ts';
import { LAYOUT, stampOf } from './layout.ts';
import type { Ledger } from './ledger.ts';
import { endLeftovers } from './leftovers.ts';
import { lostLaunches } from './lost.ts';
import { Neighbours } from './neighbours.ts';
import { writeRecords, writeReports } from './outputs.ts';
import { type RecordWriter, recordWriter } from './record-writer.ts';
import { notesOn } from './run-notes.ts';
import { seldom } from './seldom.ts';
import { Verdicts } from './verdicts.ts';

export interface RunRequest extends RunSurroundings {
  /** The text of the run definition, kept beside the results. */
  readonly definition: string;
  readonly fontDir: string;
  /** Measure invalid samples again: whatever spoiled them may have passed. */
  readonly remeasureInvalid?: boolean;
  /** The command as it was typed, without secrets: goes into `run_started`, for whoever wants to go on. */
  readonly typed?: { readonly command: string; readonly cwd: string; readonly directory: string };
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
  if (!existsSync(attempts)) makeFolder(attempts);
  if (!statSync(attempts).isDirectory()) throw new Refusal('host', `${attempts} is a file, where a run keeps a folder`);
  const refuse = (holder: string) => {
    throw new Refusal(
      'host',
      `another run is going on in ${directory}: ${holder}`,
      `wait for it, or give another --output-dir; if it ran on another host and is over, remove ${join(directory, LAYOUT.lock)}`,
    );
  };
  const lock = { signal: new AbortController().signal, onWait: refuse };
  try {
    return await withDirectoryLock(join(directory, LAYOUT.lock), lock, () => runLocked(request));
  } catch (error) {
    throw refusalOfDisk(error, directory) ?? error;
  }
}

/** A disk that is full, or fails, is the host's trouble and no fault of ours: what was written before is whole. */
function refusalOfDisk(error: unknown, directory: string): Refusal | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = DISK_TROUBLES[code];
  if (why === undefined) return null;
  const remedy = 'mend that, and give the same command again: everything that was measured is kept';
  return new Refusal('host', `${directory} cannot be written any more: ${why} (${code})`, remedy);
}

const DISK_TROUBLES: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EROFS: 'the file system is read-only now',
  EIO: 'the disk reports an error',
};

async function runLocked(request: RunRequest): Promise<RunResult> {
  const { plan, directory, notify } = request;
  // What an orchestrator that was killed has left half written.
  removePartials(directory, [LAYOUT.attempts]);
  const removeSecrets = secretRemover(plan.launches.map(({ engine }) => engine));
  writeAtomically(join(directory, LAYOUT.definition), removeSecrets(request.definition));
  writeAtomically(join(directory, LAYOUT.plan), `${JSON.stringify(publicPlan(plan), null, 1)}\n`);
  // The run's own is the first; every attempt has that of the host and the day it ran on.
  if (!existsSync(join(directory, LAYOUT.environment))) {
    writeAtomically(join(directory, LAYOUT.environment), `${JSON.stringify(request.environment, null, 2)}\n`);
  }
  const journal = openJournal(directory);
  const ledger = recall(plan, directory, journal.events);
  const records = recordWriter(directory, ledger);
  try {
    const hadLeftovers = await endLeftovers(journal, notify);
    const todo = remaining(plan, ledger.done({ remeasureInvalid: request.remeasureInvalid ?? false }));
    const total = ledger.asked();
    const left = todo.reduce((sum, { wanted }) => sum + wanted.length, 0);
    journal.append({
      event: 'run_started',
      at: request.now().toISOString(),
      version: request.environment.orchestrate_version,
      typed: request.typed,
    });
    for (const text of notesOn(journal, plan, directory)) notify({ kind: 'note', text });
    const atMost = todo.some(({ wanted }) => wanted.some(({ job }) => job.until !== null));
    notify({
      ...{ kind: 'run-started', directory, launches: todo.length, measurements: total, alreadyDone: total - left },
      ...(atMost ? { atMost } : {}),
    });
    const reports = seldom(async () => {
      await ledger.load();
      await writeReports(directory, ledger.summary(request.environment), request.fontDir, 'texts');
    }, clock);
    const context = contextOf(request, { journal, ledger, records, hadLeftovers });
    await carryOut(todo, context, reports);
    await ledger.load();
    if (!request.signal.aborted) await carryOut(lostLaunches(plan, ledger), context, reports);
    for (const text of ledger.notes) notify({ kind: 'note', text });
    const summary = ledger.summary(request.environment);
    await records.settle();
    await writeRecords(directory, summary.records);
    await writeReports(directory, summary, request.fontDir, 'all');
    const interruptedBy = request.signal.aborted ? String(request.signal.reason) : null;
    journal.append({ event: 'run_ended', at: request.now().toISOString(), interrupted_by: interruptedBy });
    const stillLeft = remaining(plan, ledger.done()).reduce((sum, { wanted }) => sum + wanted.length, 0);
    return { summary, left: stillLeft, interruptedBy };
  } finally {
    await records.close();
    journal.close();
  }
}

interface Begun {
  readonly journal: Journal;
  readonly ledger: Ledger;
  readonly records: RecordWriter;
  readonly hadLeftovers: boolean;
}

/** What a driver may need to free the memory of processes that were killed. */
const SECONDS_TO_FREE_MEMORY = 60;

function clock(): number {
  return performance.now() / 1000;
}

/**
 * The highest number that an attempt has had, by the folders and by the journal: one that lost its end must not lead
 * into a folder that has evidence, and where the folders are gone no name may come twice.
 */
function lastAttempt(directory: string, events: Journal['events']): number {
  const told = events.flatMap((event) => (event.event === 'attempt_started' ? [event.attempt] : []));
  return [...readdirSync(join(directory, LAYOUT.attempts)), ...told].reduce(
    (last, name) => Math.max(last, Number.parseInt(name, 10) || 0),
    0,
  );
}

function contextOf(request: RunRequest, { journal, ledger, records, hadLeftovers }: Begun): RunContext {
  const { plan, directory, executor, tools, env, policy, sources, now, notify, signal } = request;
  const markers = new Set<string>();
  let attempts = lastAttempt(directory, journal.events);
  return {
    ...{ plan, directory, journal, ledger, executor, tools, env, policy, sources, now, notify, signal },
    ...(request.hurry === undefined ? {} : { hurry: request.hurry }),
    verdicts: new Verdicts(),
    neighbours: new Neighbours(),
    markers,
    gate: new DeviceGate({
      ...{ devices: plan.facts.devices, sources, policy: policy.foreignProcesses },
      ownMarkers: () => [...markers],
      patientUntil: hadLeftovers ? clock() + SECONDS_TO_FREE_MEMORY : 0,
      clock,
    }),
    environment: request.environment,
    stamp: stampOf(now()),
    nextAttempt: () => {
      attempts += 1;
      return attempts;
    },
    recordChanged: records.changed,
  };
}
