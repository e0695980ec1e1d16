import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { DeviceSources, SmiAnswer } from '../../src/devices/sources.ts';
import type { DeviceFacts } from '../../src/schema/facts.ts';

/** A host as its files, its environment and nvidia-smi tell of it. */
export interface Host {
  readonly env?: Readonly<Record<string, string>>;
  /** Path -> text; folders are those of these paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** Answer of nvidia-smi by the first word of the question; a text is what it prints. Absent: there is none. */
  readonly smi?: Readonly<Record<string, string | SmiAnswer>>;
}

/** The same as sources, and the questions that nvidia-smi was asked. */
export function hostSources({ env = {}, files = {}, smi }: Host): DeviceSources & { readonly asked: string[] } {
  const asked: string[] = [];
  const paths = Object.keys(files);
  return {
    env,
    asked,
    nvidiaSmi: async (args) => {
      asked.push(args.join(' '));
      if (smi === undefined) return { kind: 'absent' };
      const answer = smi[args[0] ?? ''] ?? { kind: 'failed', reason: `nvidia-smi: not a valid question: ${args[0]}` };
      return typeof answer === 'string' ? { kind: 'told', text: answer } : answer;
    },
    exists: (path) => paths.some((file) => file === path || file.startsWith(`${path}/`)),
    list: (path) => [
      ...new Set(
        paths
          .filter((file) => file.startsWith(`${path}/`))
          .map((file) => file.slice(path.length + 1).split('/')[0] ?? ''),
      ),
    ],
    read: (path) => files[path] ?? null,
  };
}

/** What nvidia-smi prints, from fixtures/nvidia-smi. */
export function printed(name: string): string {
  return readFileSync(fileURLToPath(new URL(`../../fixtures/nvidia-smi/${name}.txt`, import.meta.url)), 'utf8');
}

/** The two questions about what goes on on the GPUs of fixtures/nvidia-smi/list.txt. */
export const USE = '--query-gpu=index,uuid,memory.used';
export const APPS = '--query-compute-apps=gpu_uuid,pid,process_name,used_memory';

export const SILENT: SmiAnswer = { kind: 'silent', reason: 'nvidia-smi gives no answer within 20 s' };
export const FAILED: SmiAnswer = {
  kind: 'failed',
  reason: 'nvidia-smi: Unable to determine the device handle for GPU0000:03:00.0: GPU is lost.',
};

export function facts(kind: DeviceFacts['kind'], count: number, ids?: readonly string[]): DeviceFacts {
  const named = ids === undefined ? {} : { ids: [...ids] };
  return { ...named, kind, name: 'x', count, memory_bytes: null, compute_capability: null, accelerator: null };
}
