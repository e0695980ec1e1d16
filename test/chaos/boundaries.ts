import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { emptyFolder } from '../journal/folder.ts';
import { SMALL } from './definitions.ts';
import { resumeToTheEnd } from './kills.ts';
import { endAll } from './living.ts';
import { placeIn, run, start } from './program.ts';
import { whatIsWrong } from './whole.ts';

/** Every change of a file that an undisturbed run of `SMALL` makes in its output directory, and that run's directory. */
export interface Boundaries {
  /** `rename records/3f9a.json`, in their order. */
  readonly changes: readonly string[];
  readonly undisturbed: string;
}

export async function boundariesOfSmall(folder: string): Promise<Boundaries> {
  const place = placeIn(folder, SMALL);
  const counted = join(place.folder, 'changes');
  const { code, text } = await start(place, { counted }).ended;
  if (code !== 0) throw new Error(`an undisturbed run ended with ${code}: ${text}`);
  return { changes: readFileSync(counted, 'utf8').trim().split('\n'), undisturbed: place.out };
}

/**
 * Kills a run with SIGKILL at one change of a file and gives the same command again until it is complete. What is wrong
 * then: a sentence each.
 */
export async function dieAndResume(die: string, { undisturbed }: Pick<Boundaries, 'undisturbed'>): Promise<string[]> {
  const place = placeIn(emptyFolder(), SMALL);
  onTestFinished(() => endAll(place.out));
  mkdirSync(place.out);
  const { code, signal, text } = await start(place, { die }).ended;
  // Which change is the last one is not the same in every run: polling decides how often some files are written.
  if (signal !== 'SIGKILL' && code !== 0) return [`${die}: it ended with ${signal ?? code}: ${text}`];
  const wrong = await resumeToTheEnd(place);
  return [...wrong, ...whatIsWrong(place.out, undisturbed)].map((what) => `${die}: ${what}`);
}

/** The same, at several places of one run: it dies in its resume too. */
export async function dieAgainAndAgain(dies: readonly string[], { undisturbed }: Pick<Boundaries, 'undisturbed'>) {
  const place = placeIn(emptyFolder(), SMALL);
  onTestFinished(() => endAll(place.out));
  for (const die of dies) await start(place, { die }).ended;
  const wrong = (await run(place)).code === 0 ? [] : await resumeToTheEnd(place);
  return [...wrong, ...whatIsWrong(place.out, undisturbed)].map((what) => `${dies.join(', ')}: ${what}`);
}
