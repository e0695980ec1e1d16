import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

type Variables = Readonly<Record<string, string | undefined>>;

/** The snapshot of a branch, tag or commit in the Hugging Face cache; null when it was never downloaded. */
export function cachedSnapshot(model: string, env: Variables, revision = 'main'): string | null {
  const home = env['HF_HOME'] ?? join(env['XDG_CACHE_HOME'] ?? join(env['HOME'] ?? '/', '.cache'), 'huggingface');
  const hub = env['HF_HUB_CACHE'] ?? env['HUGGINGFACE_HUB_CACHE'] ?? join(home, 'hub');
  const root = join(hub, `models--${model.replaceAll('/', '--')}`);
  if (revision.split('/').includes('..')) return null;
  const commit = readText(join(root, 'refs', revision))?.trim();
  if (commit !== undefined) return join(root, 'snapshots', commit);
  const asWritten = join(root, 'snapshots', revision);
  return revision !== 'main' && existsSync(asWritten) ? asWritten : null;
}

/** True when nothing is downloaded, so that what the cache lacks stays missing. */
export function isOffline(env: Variables): boolean {
  return ['HF_HUB_OFFLINE', 'TRANSFORMERS_OFFLINE'].some((name) => /^(?:1|on|yes|true)$/i.test(env[name] ?? ''));
}

/** Null for a file that is not there, and for what is none: to open a named pipe would wait for ever. */
export function readText(path: string): string | null {
  try {
    return statSync(path).isFile() ? readFileSync(path, 'utf8') : null;
  } catch {
    return null;
  }
}
