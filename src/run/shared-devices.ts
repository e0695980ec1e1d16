import { workersOf } from '../config/workers.ts';
import { deviceIds, idsNeeded } from '../devices/ids.ts';
import { heldBy } from '../devices/pinning.ts';
import { DevicePool } from '../devices/pool.ts';
import type { DeviceFacts } from '../schema/facts.ts';
import type { Launch } from '../schema/plan.ts';
import type { Links } from '../schema/topology.ts';

/** The devices that launches share. */
export interface SharedDevices {
  readonly pool: DevicePool;
  /** Devices of the pool that a launch takes. */
  widthOf(launch: Launch): number;
  /** Names that an engine is held to: those taken from the pool, or none where an engine has the host to itself. */
  namesOf(taken: readonly string[]): readonly string[];
}

/** Devices that a launch is held to by its own `env`; null where that is left to us. */
export function ownDevices({ engine }: Launch, devices: DeviceFacts | null): readonly string[] | null {
  if (devices === null || deviceIds(devices).length === 0) return null;
  return heldBy(engine.env, devices.kind);
}

/**
 * Where devices have names, each launch takes as many as it needs. A CPU whose cores nobody has divided, and devices of
 * which nothing is known, are one whole: one launch at a time.
 */
export function sharedDevices(devices: DeviceFacts | null, links: Links | null): SharedDevices {
  const ids = deviceIds(devices);
  if (ids.length === 0) return { pool: new DevicePool(['host']), widthOf: () => 1, namesOf: () => [] };
  return {
    pool: new DevicePool(ids, links),
    widthOf: ({ engine }) =>
      // The stages of vLLM's TPU plugin take chips from the first of the host on (inferred, not run).
      devices?.kind === 'tpu' && engine.pipeline_parallel_size > 1 ? ids.length : idsNeeded(devices, workersOf(engine)),
    namesOf: (taken) => taken,
  };
}
