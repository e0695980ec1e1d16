import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readEvents } from '../../src/journal/journal.ts';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, point, statesOf } from '../run/runs.ts';
import { engineInProcess } from './engine-in-process.ts';
import { after, EMPTY_DISK, leftBy, type Step, type Survival } from './power-cut.ts';
import { chanceOf } from './random.ts';
import { filesBelow, Recorder, recordFileCalls } from './recorded.ts';

let recorder: Recorder | null = null;
await recordFileCalls(() => recorder);

/** Four measurements in two engines. */
const RUNS = [
  point('measures', 8, { repeats: 2 }),
  point('measures-2', 16),
  point('measures-3', 8, { max_num_seqs: 9 }),
];
const COMPLETE = {
  left: 0,
  states: { measures: 'valid', 'measures-2': 'valid', 'measures-3': 'valid' },
  samples: ['measures 0', 'measures 1', 'measures-2 0', 'measures-3 0'],
  records: 3,
  unreadable: 0,
};

/** A whole run in this process: its directory, and all that it asked of the file system there. */
export async function recordedRun(): Promise<{ steps: readonly Step[]; directory: string }> {
  const directory = emptyFolder();
  const own = new Recorder(directory);
  recorder = own;
  try {
    expect(await carriedOut(directory)).toEqual(COMPLETE);
  } finally {
    recorder = null;
  }
  return { steps: own.steps, directory };
}

/** What a power cut after so many steps leaves, in a folder. */
export function cutAfter(steps: readonly Step[], count: number, survival: Survival): string {
  const folder = emptyFolder();
  leftBy(steps.slice(0, count).reduce(after, EMPTY_DISK), survival, folder);
  // Whoever held the lock was another process; this one, which stands for it, lives on.
  for (const [path, text] of Object.entries(filesBelow(folder)))
    if (path.startsWith('.lock')) writeFileSync(join(folder, path), text.replace(/"started":"\d+"/, '"started":"1"'));
  return folder;
}

/** Cuts the power at so many steps of a run, three ways each, and carries the same run out in what is left. */
export async function cutAndResume(seed: number, points: number): Promise<void> {
  const { steps } = await recordedRun();
  const stride = Math.max(1, steps.length / points);
  for (let at = chanceOf(seed).number('first') * stride; at <= steps.length; at += stride) {
    const count = Math.floor(at);
    for (const survival of ['nothing', 'all', chanceOf(seed + count)] as const) {
      const what = `after ${count} steps: ${typeof survival === 'string' ? survival : 'some'} survives`;
      const directory = cutAfter(steps, count, survival);
      let again = await carriedOut(directory);
      // What a file lost is seen when it is read, which may be after the plan of what remains.
      if (again.left > 0) again = await carriedOut(directory);
      expect({ what, ...again }).toEqual({ what, ...COMPLETE });
    }
  }
}

async function carriedOut(directory: string): Promise<typeof COMPLETE> {
  const result = await carryOut(RUNS, { directory, executor: await engineInProcess() });
  const samples = result.summary.records.flatMap((record) =>
    record.samples.map(({ repeat }) => `${record.run_name.replace(/_TP-.*/, '')} ${repeat}`),
  );
  const records = Object.keys(filesBelow(join(directory, 'records'))).length;
  const { unreadable } = readEvents(directory);
  return { left: result.left, states: statesOf(result) as typeof COMPLETE.states, samples, records, unreadable };
}
