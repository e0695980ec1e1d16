import { closest } from 'fastest-levenshtein';
import { Refusal } from '../errors/refusal.ts';
import { devicesOfMachine, MACHINES } from '../physics/machines.ts';
import type { Facts } from '../schema/facts.ts';

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
  return { ...facts, devices, capabilities: capabilities && { ...capabilities, platform: devices.kind } };
}
