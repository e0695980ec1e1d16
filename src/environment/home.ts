import { join, resolve } from 'node:path';
import type { Env } from './on-path.ts';

/** The three things that decide where the program keeps its own things. */
export interface Surroundings {
  readonly env: Env;
  readonly cwd: string;
  readonly packageRoot: string;
}

/**
 * The tools directory: environments, models and caches that this program made, and nothing that a run measured.
 * `ORCHESTRATE_HOME`; or `.orchestrate` of the checkout; or `.orchestrate` of the current directory for an installed
 * package, whose own folder the next `npm install` replaces. Never the home directory.
 */
export function toolsDirectory({ env, cwd, packageRoot }: Surroundings): string {
  const asked = env['ORCHESTRATE_HOME'];
  if (asked !== undefined && asked !== '') return resolve(cwd, asked);
  return join(isCheckout(packageRoot) ? packageRoot : cwd, '.orchestrate');
}

function isCheckout(packageRoot: string): boolean {
  return !packageRoot.split(/[/\\]/).includes('node_modules');
}

/**
 * Variables for a process in the program's own environment: what vLLM, torch and Triton cache goes to the tools
 * directory instead of the home directory, and vLLM reports its use to nobody.
 * Models that the user downloaded stay where they are: HF_HOME is not touched.
 */
export function ownVariables(tools: string): Record<string, string> {
  const cache = join(tools, 'cache');
  return {
    VLLM_CACHE_ROOT: join(cache, 'vllm'),
    VLLM_CONFIG_ROOT: join(cache, 'vllm-config'),
    TORCHINDUCTOR_CACHE_DIR: join(cache, 'inductor'),
    TRITON_CACHE_DIR: join(cache, 'triton'),
    VLLM_NO_USAGE_STATS: '1',
    DO_NOT_TRACK: '1',
    // Nothing compiled vLLM's thousands of files when they were installed: without this, every engine start would do it
    // again on a host that sets the variable (empty means unset); `import vllm` takes 8 s then, and not 14.
    PYTHONDONTWRITEBYTECODE: '',
  };
}
