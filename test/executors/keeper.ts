import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Keeper } from '../../src/executors/spawn.ts';

/** The keeper, in the Python of this host: not in a program that only finds one, which takes longer than the keeper. */
export const KEEPER: Keeper = {
  python: execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim(),
  script: fileURLToPath(new URL('../../src/drivers/keeper.py', import.meta.url)),
};
