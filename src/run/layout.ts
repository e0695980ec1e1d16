import { join } from 'node:path';
import { fileNames } from '../../reports/file-names.ts';

/** Where things are in an output directory; README.md shows the tree. */
export const LAYOUT = {
  definition: 'run.yaml',
  plan: 'plan.json',
  environment: 'environment.json',
  attempts: 'attempts',
  records: 'records',
  lock: '.lock',
} as const;

/** `0003_chat_TP-8`: unique by its number, readable by its name, and safe whatever the name is. */
export function attemptName(number: number, launchName: string): string {
  return `${String(number).padStart(4, '0')}_${safeName(launchName)}`;
}

export function attemptDirectory(directory: string, attempt: string): string {
  return join(directory, LAYOUT.attempts, attempt);
}

/** The merged log of an attempt, relative to the output directory; `stamp` is the start of the run. */
export function clientLog(stamp: string, number: number, launchName: string): string {
  return `client_logs_${stamp}/${number}_${safeName(launchName)}_vllm_script.log`;
}

/** `20261122_093000`, in local time, as the source document's folders are named. */
export function stampOf(now: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${now.getFullYear()}${two(now.getMonth() + 1)}${two(now.getDate())}_${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`;
}

function safeName(name: string): string {
  return fileNames([name]).get(name) ?? 'unnamed';
}
