import type { DeviceFacts } from '../schema/facts.ts';
import { describeProgram, gib, gpuLabel, gpuUse } from './nvidia-use.ts';
import type { DeviceSources } from './sources.ts';

/** Bytes in use by device; devices of which it is not known are not in it. */
export type MemoryInUse = ReadonlyMap<string, number>;

/** Memory in use on these devices, to be held against what is in use after a launch; empty without nvidia-smi. */
export async function memoryInUse(
  devices: DeviceFacts | null,
  ids: readonly string[],
  sources: DeviceSources,
): Promise<MemoryInUse> {
  const answer = await gpuUse(devices, ids, sources);
  if ('unknown' in answer) return new Map();
  return new Map(answer.uses.flatMap(({ id, usedBytes }) => (usedBytes === null ? [] : [[id, usedBytes] as const])));
}

/** What a driver may keep, and other programs may add, without holding up the next launch. */
const TOLERANCE_BYTES = 512 * 2 ** 20;

export interface MemoryWait {
  readonly devices: DeviceFacts | null;
  readonly ids: readonly string[];
  /** What was in use before the launch. */
  readonly before: MemoryInUse;
  /** The longest that is waited; a driver needs up to some seconds to free what a killed process had. */
  readonly limitSeconds?: number;
  /** Seconds of a clock that only goes forward. */
  readonly clock: () => number;
  readonly signal: AbortSignal;
  /** Resolves after so many seconds, or when the signal is aborted. */
  readonly sleep: (seconds: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Waits after a launch until its devices have about as much free memory as before it. What is still held when the time
 * is up, or the signal is aborted, in words and by whom; empty when all is free, and where nothing is known.
 */
export async function waitForMemory(wait: MemoryWait, sources: DeviceSources): Promise<string[]> {
  const { devices, ids, before, limitSeconds = 60, clock, signal, sleep } = wait;
  if (before.size === 0) return [];
  const until = clock() + limitSeconds;
  for (;;) {
    const answer = await gpuUse(devices, ids, sources);
    if ('unknown' in answer) return [`whether the memory of the devices is free is not known: ${answer.unknown}`];
    const held = answer.uses.flatMap(({ id, usedBytes, programs }) => {
      const more = (usedBytes ?? 0) - (before.get(id) ?? Number.POSITIVE_INFINITY);
      if (more <= TOLERANCE_BYTES) return [];
      const who = programs.map(describeProgram).join(', ') || 'no program that can be seen from here';
      return [`${gpuLabel(id)} has ${gib(more)} more in use than before the launch: ${who}`];
    });
    if (held.length === 0 || clock() >= until || signal.aborted) return held;
    await sleep(1, signal);
  }
}
