import { probeDevices } from '../../devices/probe.ts';
import { DEVICE_SOURCES } from '../../devices/sources.ts';
import { EXIT, type ExitCode } from '../../errors/refusal.ts';
import { ACCELERATORS } from '../../physics/accelerators.ts';
import { MACHINES } from '../../physics/machines.ts';
import { loadDefinition } from '../load.ts';
import type { Shell } from '../shell.ts';
import { renderHardware } from '../views/hardware.ts';

export interface HardwareOptions {
  readonly maxJobs: number;
  readonly json?: boolean;
}

/** The table of accelerators, those of a run definition first, and what this host has. */
export async function hardwareCommand(
  file: string | undefined,
  options: HardwareOptions,
  shell: Shell,
): Promise<ExitCode> {
  const own = file === undefined ? [] : loadDefinition(file, options.maxJobs, shell).config.accelerators;
  const devices = await probeDevices({ ...DEVICE_SOURCES, env: shell.env }, { own });
  const accelerators = [...own, ...ACCELERATORS];
  const json = { accelerators, machines: MACHINES, this_host: devices };
  shell.stdout.write(options.json ? `${JSON.stringify(json, null, 2)}\n` : renderHardware(accelerators, devices));
  return EXIT.ok;
}
