import { z } from 'zod';
import { ask } from './ask.ts';
import { type Env, onPath } from './on-path.ts';

/** A Python that an environment can be made from. */
export interface BasePython {
  readonly path: string;
  readonly version: string;
  /** `3.11` */
  readonly minor: string;
  readonly hasPip: boolean;
  /** Stock Debian and Ubuntu leave out what `python -m venv` needs. */
  readonly hasVenv: boolean;
}

/** The versions that the lock file has wheels for. */
const OLDEST_MINOR = 11;
const NEWEST_MINOR = 14;

/** The user's own `python3` first; then the versions by name, the one that the lock was run with first. */
const NAMES = ['python3', 'python', 'python3.11', 'python3.12', 'python3.13', 'python3.14'];

const ABOUT = `
import json, sys
from importlib.util import find_spec
has = lambda name: find_spec(name) is not None
print(json.dumps({"version": "%d.%d.%d" % sys.version_info[:3], "major": sys.version_info[0], "minor": sys.version_info[1],
                  "pip": has("pip"), "venv": has("venv") and has("ensurepip")}))
`;
const About = z.object({ version: z.string(), major: z.int(), minor: z.int(), pip: z.boolean(), venv: z.boolean() });

export interface BasePythonSearch {
  readonly found: BasePython | null;
  /** `python3 is 3.9.2`: what was looked at and cannot be used. */
  readonly unfit: readonly string[];
}

/** The first Python of PATH that the lock file has wheels for. */
export async function findBasePython(env: Env, signal: AbortSignal): Promise<BasePythonSearch> {
  const unfit: string[] = [];
  for (const name of NAMES) {
    const path = onPath(name, env);
    const about = path === null ? null : await aboutPython(path, env, signal);
    if (path === null || about === null) continue;
    if (about.major === 3 && about.minor >= OLDEST_MINOR && about.minor <= NEWEST_MINOR) {
      const { version, major, minor, pip, venv } = about;
      return { found: { path, version, minor: `${major}.${minor}`, hasPip: pip, hasVenv: venv }, unfit };
    }
    unfit.push(`${path} is ${about.version}`);
  }
  return { found: null, unfit };
}

async function aboutPython(python: string, env: Env, signal: AbortSignal): Promise<z.output<typeof About> | null> {
  const result = await ask(python, ['-c', ABOUT], env, signal);
  if (result.failed) return null;
  try {
    return About.parse(JSON.parse(result.stdout));
  } catch {
    return null;
  }
}
