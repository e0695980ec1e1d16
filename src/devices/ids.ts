import type { DeviceFacts } from '../schema/facts.ts';

/** True where nothing holds a launch to a part of the host: whatever it needs, it has the host alone. */
function takesWholeHost(devices: DeviceFacts | null): boolean {
  return devices === null || (devices.kind === 'cpu' && devices.ids === undefined);
}

/** Names of the devices that launches share; none where each takes the whole host. */
export function deviceIds(devices: DeviceFacts | null): readonly string[] {
  if (devices === null || takesWholeHost(devices)) return [];
  return devices.ids ?? numbers(devices.count / devicesPerId(devices));
}

/** How many of these names a launch of so many workers needs: on Ironwood, half as many chips. */
export function idsNeeded(devices: DeviceFacts | null, workers: number): number {
  return devices === null || takesWholeHost(devices) ? 0 : Math.ceil(workers / devicesPerId(devices));
}

function devicesPerId({ kind, accelerator }: DeviceFacts): number {
  return kind === 'tpu' ? (accelerator?.devices_per_chip ?? 1) : 1;
}

/** `0`, `1`, ... */
export function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, index) => String(index));
}
