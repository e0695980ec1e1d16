import type { Mode } from './mode.ts';
import { vllmThroughput } from './vllm-throughput.ts';

/** Every mode there is. To add one: a file in this folder and a line here. */
export const MODES: readonly Mode[] = [vllmThroughput];

export const MODE_IDS: readonly string[] = MODES.map((mode) => mode.id);

export function modeById(id: string): Mode {
  const mode = MODES.find((candidate) => candidate.id === id);
  if (mode === undefined) throw new RangeError(`no mode ${id}`);
  return mode;
}
