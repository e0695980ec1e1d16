import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** The built command: `npm test` builds before; in between, `npm run build` does. */
const MAIN = join(ROOT, 'dist', 'src', 'cli', 'main.js');
const PYTHON = join(ROOT, 'fixtures', 'programs', 'chaos-python');
const DIE_AT_WRITE = join(ROOT, 'fixtures', 'programs', 'chaos-die-at-write.mjs');

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Both streams. */
  readonly text: string;
}

/** A run definition in a folder, and the surroundings in which its runs go wrong. */
export interface Place {
  readonly folder: string;
  /** Where the results go. */
  readonly out: string;
  readonly env: Readonly<Record<string, string>>;
}

/** `mishaps`: "<run name>/<start>/<repeat>" -> what goes wrong there; `milliseconds`: what a measurement takes. */
export interface Chaos {
  readonly mishaps?: Readonly<Record<string, string>>;
  readonly milliseconds?: number;
  /** In place of a folder beside the definition. */
  readonly out?: string;
}

export function placeIn(folder: string, definition: object, chaos: Chaos = {}): Place {
  if (!existsSync(MAIN)) throw new Error('there is no build: npm run build');
  const state = join(folder, 'state');
  mkdirSync(state, { recursive: true });
  writeFileSync(join(folder, 'a.yaml'), JSON.stringify(definition, null, 1));
  return {
    folder,
    out: chaos.out ?? join(folder, 'out'),
    env: {
      PATH: [dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
      HOME: join(folder, 'home'),
      ORCHESTRATE_HOME: join(folder, 'tools'),
      STAND_IN_NODE: process.execPath,
      STAND_IN_STATE: state,
      CHAOS_STATE: state,
      CHAOS_MISHAPS: JSON.stringify(chaos.mishaps ?? {}),
      CHAOS_MS: String(chaos.milliseconds ?? 0),
    },
  };
}

/** Starts the run; with `die`, `before 17` say, it is killed at that change of a file (chaos-die-at-write.mjs). */
export function start(
  { folder, out, env }: Place,
  { die, counted }: { readonly die?: string; readonly counted?: string } = {},
) {
  const preload = die === undefined && counted === undefined ? [] : ['--import', DIE_AT_WRITE];
  const words = ['a.yaml', '--output-dir', out, '--python', PYTHON];
  const child = spawn(process.execPath, [...preload, MAIN, ...words], {
    cwd: folder,
    env: {
      ...env,
      CHAOS_BELOW: out,
      ...(die === undefined ? {} : { CHAOS_DIE: die }),
      ...(counted === undefined ? {} : { CHAOS_COUNTED: counted }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    // Not "close": what a killed orchestrator leaves may hold its streams open.
    child.on('exit', (code, signal) => resolve({ code, signal, text }));
  });
  return { pid: child.pid, kill: (signal: NodeJS.Signals) => child.kill(signal), ended };
}

export const run = (place: Place) => start(place).ended;
