import type { RenderedFile } from '../schema/rendered.ts';
import { writeManyFiles } from '../sinks/many-files.ts';
import type { Ledger } from './ledger.ts';
import { fileOf } from './outputs.ts';

/** Keeps records/ up to date while a run goes on, in the background. */
export interface RecordWriter {
  /** The record of this job is not what was last written. */
  changed(jobId: string): void;
  /** Writes what is left; throws when that cannot be written. */
  settle(): Promise<void>;
  /** Nothing is written any more when this resolves; what is not written by then is found to be missing later. */
  close(): Promise<void>;
}

/**
 * A record can be made again from the evidence, so it need not be on the disk before the run goes on: those that changed
 * are written together. Trouble with that is told by `settle`, which tries once more: it may have passed, and what must
 * not be lost, the journal and the evidence, has told of it by itself.
 */
export function recordWriter(directory: string, ledger: Ledger, everySeconds = 1): RecordWriter {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | null = null;
  let writing = Promise.resolve();
  const write = async () => {
    if (changed.size === 0) return;
    await ledger.load();
    const jobs = [...changed];
    changed.clear();
    try {
      await writeManyFiles(directory, filesOf(jobs, ledger));
    } catch (error) {
      for (const job of jobs) changed.add(job);
      throw error;
    }
  };
  const start = () => {
    timer = null;
    writing = writing.then(write).catch(() => undefined);
  };
  const close = async () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    await writing;
  };
  return {
    changed: (jobId) => {
      changed.add(jobId);
      timer ??= setTimeout(start, everySeconds * 1000);
    },
    settle: async () => {
      await close();
      await write();
    },
    close,
  };
}

function* filesOf(jobs: readonly string[], ledger: Ledger): Generator<RenderedFile> {
  for (const job of jobs) {
    const record = ledger.record(job);
    if (record !== null) yield fileOf(record);
  }
}
