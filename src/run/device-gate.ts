import { setTimeout as wait } from 'node:timers/promises';
import { type MemoryInUse, memoryInUse, waitForMemory } from '../devices/device-memory.ts';
import { describeForeign, foreignProcesses } from '../devices/foreign.ts';
import { gpuUse } from '../devices/nvidia-use.ts';
import type { DeviceSources } from '../devices/sources.ts';
import type { DeviceFacts } from '../schema/facts.ts';
import type { ForeignPolicy } from '../schema/run-config.ts';

/** What a launch finds on its devices before its engine starts. */
export type Found =
  | {
      readonly kind: 'free';
      readonly before: MemoryInUse;
      /** Other programs, in words; null where there are none. */
      readonly foreign: string | null;
    }
  /** Others are on these of the devices: to be asked again after so many seconds. */
  | { readonly kind: 'busy'; readonly ids: readonly string[]; readonly reason: string; readonly seconds: number }
  | { readonly kind: 'refused'; readonly ids: readonly string[]; readonly reason: string }
  | { readonly kind: 'stopped' };

export interface DeviceGateOptions {
  readonly devices: DeviceFacts | null;
  readonly sources: DeviceSources;
  readonly policy: ForeignPolicy;
  /** Markers of the launches that run now. */
  readonly ownMarkers: () => readonly string[];
  /** Until then memory in use that belongs to nobody may be that of engines which were ended just now; seconds. */
  readonly patientUntil: number;
  /** Seconds of a clock that only goes forward. */
  readonly clock: () => number;
}

const POLL_SECONDS = 10;
const PATIENT_POLL_SECONDS = 2;

/** What is seen to on a launch's devices before and after each of its engines. */
export class DeviceGate {
  readonly #options: DeviceGateOptions;

  constructor(options: DeviceGateOptions) {
    this.#options = options;
  }

  /** Who else is on these devices, and what the policy says to that. What cannot be known refuses nothing. */
  async enter(ids: readonly string[], signal: AbortSignal): Promise<Found> {
    const { devices, sources, policy, ownMarkers, patientUntil, clock } = this.#options;
    if (signal.aborted) return { kind: 'stopped' };
    const answer = await foreignProcesses({ devices, ids, ownMarkers: ownMarkers() }, sources);
    const free = async (foreign: string | null): Promise<Found> => ({
      ...{ kind: 'free', foreign },
      before: await memoryInUse(devices, ids, sources),
    });
    if ('unknown' in answer) return free(`who else uses the devices is not known: ${answer.unknown}`);
    if (answer.foreign.length === 0) return free(null);
    const reason = `other programs are on ${describeForeign(answer.foreign)}`;
    const theirs = [...new Set(answer.foreign.map(({ id }) => id))];
    const isUnseen = answer.foreign.every(({ program }) => program === null);
    if (isUnseen && clock() < patientUntil) {
      const memory = `memory that engines of an interrupted run held is not free yet: ${describeForeign(answer.foreign)}`;
      return { kind: 'busy', ids: theirs, reason: memory, seconds: PATIENT_POLL_SECONDS };
    }
    if (policy === 'refuse') return { kind: 'refused', ids: theirs, reason };
    if (policy === 'wait') return { kind: 'busy', ids: theirs, reason, seconds: POLL_SECONDS };
    return free(reason);
  }

  /** Waits until what an engine held is free again; what is not, in words. */
  leave(ids: readonly string[], before: MemoryInUse, signal: AbortSignal): Promise<string[]> {
    const { devices, sources, clock } = this.#options;
    return waitForMemory({ devices, ids, before, clock, signal, sleep }, sources);
  }

  /** Which of these devices are gone for good: the only one of a launch, or those that nvidia-smi tells of no more. */
  async lost(ids: readonly string[]): Promise<readonly string[]> {
    if (ids.length < 2) return ids;
    const answer = await gpuUse(this.#options.devices, ids, this.#options.sources);
    if ('unknown' in answer || answer.uses.length === 0) return [];
    const there = new Set(answer.uses.filter(({ usedBytes }) => usedBytes !== null).map(({ id }) => id));
    return ids.filter((id) => !id.startsWith('MIG-') && !there.has(id));
  }
}

async function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  await wait(seconds * 1000, undefined, { signal }).catch(() => undefined);
}
