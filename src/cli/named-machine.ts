import { closest } from 'fastest-levenshtein';
import { Refusal } from '../errors/refusal.ts';
import { TPU_QUANTIZATION } from '../modes/precision-names.ts';
import { devicesOfMachine, MACHINES } from '../physics/machines.ts';
import type { Capabilities, DeviceFacts, Facts } from '../schema/facts.ts';

/** The facts as they would be on a machine of this type, with the vLLM of this host built for it. */
export function factsOnMachine(facts: Facts, type: string): Facts {
  const devices = devicesOfMachine(type);
  if (devices === null) {
    const known = Object.keys(MACHINES);
    throw new Refusal(
      'usage',
      `--hardware: there is no machine type ${type} in the table; did you mean ${closest(type, known)}?`,
      `known are ${known.join(', ')} (orchestrate hardware)`,
    );
  }
  const { capabilities } = facts;
  return { ...facts, devices, capabilities: capabilities && builtFor(devices.kind, capabilities) };
}

/** The same vLLM in the build for these devices; that for TPU is another distribution, which quantizes less. */
function builtFor(platform: DeviceFacts['kind'], capabilities: Capabilities): Capabilities {
  if (platform !== 'tpu' || capabilities.distribution === 'vllm-tpu') return { ...capabilities, platform };
  return { ...capabilities, platform, quantization: [...TPU_QUANTIZATION], online_quantization: {} };
}
