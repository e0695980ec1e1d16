import type { DeviceFacts } from '../schema/facts.ts';
import { ACCELERATORS } from './accelerators.ts';

interface Machine {
  readonly kind: DeviceFacts['kind'];
  /** As the driver there reports it, so that a point has the same id as when it is planned on the machine itself. */
  readonly name: string;
  /** Devices as vLLM counts them. */
  readonly count: number;
  readonly compute_capability: string | null;
  readonly accelerator: string;
}

/** Google Cloud's machine types; https://docs.cloud.google.com/compute/docs/gpus and .../tpu/docs/tpu7x. */
export const MACHINES = {
  'a4-highgpu-8g': {
    kind: 'cuda',
    name: 'NVIDIA B200',
    count: 8,
    compute_capability: '10.0',
    accelerator: 'b200',
  },
  'a4x-highgpu-4g': {
    kind: 'cuda',
    name: 'NVIDIA GB200',
    count: 4,
    compute_capability: '10.0',
    accelerator: 'gb200',
  },
  'a4x-maxgpu-4g-metal': {
    kind: 'cuda',
    name: 'NVIDIA GB300',
    count: 4,
    compute_capability: '10.3',
    accelerator: 'gb300',
  },
  // Four chips of two devices each; the 8 of `tpu7x-8` counts them so as well.
  'tpu7x-standard-4t': {
    kind: 'tpu',
    name: 'tpu7x-8',
    count: 8,
    compute_capability: null,
    accelerator: 'tpu7x',
  },
} as const satisfies Record<string, Machine>;
export type MachineType = keyof typeof MACHINES;

/** The devices of a machine of this type; null for a type that is not in the table. */
export function devicesOfMachine(type: string): DeviceFacts | null {
  const machine: Machine | undefined = Object.hasOwn(MACHINES, type) ? MACHINES[type as MachineType] : undefined;
  const accelerator = ACCELERATORS.find(({ id }) => id === machine?.accelerator) ?? null;
  if (machine === undefined || accelerator === null) return null;
  const { kind, name, count, compute_capability } = machine;
  return { kind, name, count, memory_bytes: accelerator.memory_bytes.value, compute_capability, accelerator };
}
