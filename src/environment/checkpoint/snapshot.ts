import { readFileSync } from 'node:fs';
import { join } from 'node:path';

type Variables = Readonly<Record<string, string | undefined>>;

/** The snapshot that `refs/main` of the Hugging Face cache names; null when the model was never downloaded. */
export function cachedSnapshot(model: string, env: Variables): string | null {
  const home = env['HF_HOME'] ?? join(env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? '/', '.cache'), 'huggingface');
  const root = join(env['HF_HUB_CACHE'] ?? join(home, 'hub'), `models--${model.replaceAll('/', '--')}`);
  const revision = readText(join(root, 'refs', 'main'))?.trim();
  return revision === undefined ? null : join(root, 'snapshots', revision);
}

/** True when nothing is downloaded, so that what the cache lacks stays missing. */
export function isOffline(env: Variables): boolean {
  return ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'].some((name) => /^(?:1|on|yes|true)$/i.test(env[name] ?? ''));
}

/** Null for a file that is not there. */
export function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
