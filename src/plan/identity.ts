import { createHash } from 'node:crypto';
import { checkpointOf } from '../modes/precision.ts';
import { METHOD_VERSION } from '../schema/driver-protocol.ts';
import type { EngineSettings } from '../schema/engine.ts';
import type { Facts } from '../schema/facts.ts';
import { publicSettings } from '../schema/secrets.ts';
import type { Workload } from '../schema/workload.ts';

/** 16 hex digits of SHA-256: a collision among a million jobs has a probability below 1e-7. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** A number in [0, 1) that is the same for the same text, and as good as random for different ones. */
export function chanceOf(text: string): number {
  return Number.parseInt(shortHash(text).slice(0, 8), 16) / 2 ** 32;
}

/** Equal for engine settings that one process can serve. A token that is renewed every night makes no other engine. */
export function engineKey(engine: EngineSettings): string {
  return JSON.stringify(sorted(publicSettings(engine)));
}

/**
 * Everything but the workload that can change a job's number: the engine settings, vLLM's version, the checkpoint's
 * config, how the driver measures, the kind of device, and the variables of the surroundings. Not repeats, starts, timeouts, paths and names.
 */
export function identity(mode: string, engine: EngineSettings, facts: Facts): string {
  const checkpoint = checkpointOf(engine, facts);
  const parts = [
    mode,
    engineKey(engine),
    METHOD_VERSION[engine.driver.kind],
    facts.capabilities?.vllm_version ?? null,
    checkpoint?.config_sha256 ?? null,
    facts.devices === null ? null : [facts.devices.kind, facts.devices.name],
    sorted(facts.variables ?? {}),
  ];
  // Hashed here, once an engine: a sweep of 100,000 points hashes as many workloads, not as many engines.
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

export function jobId(identityOfEngine: string, workload: Workload): string {
  const { prompt_len, shared_len, num_prefixes, output_len, num_prompts, prefix_state, warmups, seed, load_shape } =
    workload;
  // What was written (input_len, prefix_mode) is not in it: two ways to write one workload are one job.
  return shortHash(
    `${identityOfEngine}\n${JSON.stringify([prompt_len, shared_len, num_prefixes, output_len, num_prompts, prefix_state, warmups, seed, load_shape])}`,
  );
}

/** A copy whose keys are in alphabetic order, so that equal values have equal JSON. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
      .map(([key, item]) => [key, sorted(item)]),
  );
}
