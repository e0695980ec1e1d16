import { setTimeout as wait } from 'node:timers/promises';
import { type MemoryInUse, memoryInUse, waitForMemory } from '../devices/device-memory.ts';
import { waitForDevices } from '../devices/foreign.ts';
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
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'stopped' };

export interface DeviceGateOptions {
  readonly devices: DeviceFacts | null;
  readonly sources: DeviceSources;
  readonly policy: ForeignPolicy;
  /** Markers of the launches that run now. */
  readonly ownMarkers: () => readonly string[];
}

/** What is seen to on a launch's devices before and after each of its engines. */
export class DeviceGate {
  readonly #options: DeviceGateOptions;

  constructor(options: DeviceGateOptions) {
    this.#options = options;
  }

  /** Waits, as far as the policy says, until nobody else is on these devices. `notify` is told what is waited for. */
  async enter(ids: readonly string[], signal: AbortSignal, notify: (reason: string) => void): Promise<Found> {
    const { devices, sources, policy, ownMarkers } = this.#options;
    const ready = await waitForDevices({ devices, ids, ownMarkers, policy, signal, sleep, notify }, sources);
    if (ready.kind === 'refused') return { kind: 'refused', reason: ready.reason };
    if (ready.kind === 'stopped') return ready;
    const foreign = ready.kind === 'warned' ? ready.reason : null;
    return { kind: 'free', before: await memoryInUse(devices, ids, sources), foreign };
  }

  /** Waits until what an engine held is free again; what is not, in words. */
  leave(ids: readonly string[], before: MemoryInUse, signal: AbortSignal): Promise<string[]> {
    const { devices, sources } = this.#options;
    const clock = () => performance.now() / 1000;
    return waitForMemory({ devices, ids, before, clock, signal, sleep }, sources);
  }
}

async function sleep(seconds: number, signal: AbortSignal): Promise<void> {
  await wait(seconds * 1000, undefined, { signal }).catch(() => undefined);
}
