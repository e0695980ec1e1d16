import type { Reason } from '../schema/record.ts';
import type { Asked, Check, Measured } from './check.ts';
import { COUNT_CHECKS } from './checks/counts.ts';
import { ENGINE_CHECKS } from './checks/engine.ts';
import { KV_CACHE_CHECKS } from './checks/kv-cache.ts';
import { PHYSICS_CHECKS } from './checks/physics.ts';
import { PRECISION_CHECKS } from './checks/precision.ts';
import { PREFIX_CACHE_CHECKS } from './checks/prefix-cache.ts';
import { RUN_CHECKS } from './checks/run.ts';

/** Everything that a measurement is held against, in the order in which its reasons are told. */
export const CHECKS: readonly Check[] = [
  ...RUN_CHECKS,
  ...COUNT_CHECKS,
  ...PREFIX_CACHE_CHECKS,
  ...ENGINE_CHECKS,
  ...PRECISION_CHECKS,
  ...KV_CACHE_CHECKS,
  ...PHYSICS_CHECKS,
];

/** Why a measurement is not of what was asked; empty when it is. */
export function attest(asked: Asked, measured: Measured): Reason[] {
  return CHECKS.flatMap((check) => {
    const message = check.wrong(asked, measured);
    return message === null ? [] : [{ code: check.id, message }];
  });
}
