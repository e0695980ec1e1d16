import { z } from 'zod';
import type { NumberFormat } from '../../schema/precision.ts';
import type { Formats } from './formats.ts';

const Numbers = z.looseObject({
  num_bits: z.number(),
  type: z.string().nullish(),
  group_size: z.number().nullish(),
});
const Groups = z.object({
  format: z.string().nullish(),
  config_groups: z.record(
    z.string(),
    z.looseObject({ format: z.string().nullish(), weights: Numbers.nullish(), input_activations: Numbers.nullish() }),
  ),
});

/**
 * Formats of the `config_groups` of compressed-tensors, which ModelOpt writes too. Groups that differ come to `other`:
 * one word would be wrong for some of the layers. Null when there are none.
 */
export function groupFormats(written: unknown): Formats | null {
  const parsed = Groups.safeParse(written);
  if (!parsed.success) return null;
  const groups = Object.values(parsed.data.config_groups).filter(({ weights }) => weights != null);
  const weights = groups.map((group) => numberFormat(group.weights, group.format ?? parsed.data.format));
  const activations = groups.map((group) =>
    group.input_activations == null ? null : numberFormat(group.input_activations, group.format ?? parsed.data.format),
  );
  if (groups.length === 0) return null;
  return {
    weights: only(weights) ?? 'other',
    activations: activations.every((one) => one === null) ? null : (only(activations) ?? 'other'),
  };
}

function only<Value>(values: readonly Value[]): Value | null {
  return new Set(values).size === 1 ? (values[0] ?? null) : null;
}

/** By bits and type; the two 4-bit floats differ in their groups, 16 (NVFP4) or 32 (MXFP4), as `format` also says. */
function numberFormat(
  numbers: z.output<typeof Numbers> | null | undefined,
  format: string | null | undefined,
): NumberFormat {
  if (numbers == null) return 'other';
  const { num_bits: bits, type = 'int', group_size: group } = numbers;
  if (type === 'int') return bits === 4 ? 'int4' : bits === 8 ? 'int8' : 'other';
  if (type !== 'float') return 'other';
  if (bits === 8) return /^mxfp8/.test(format ?? '') ? 'mxfp8' : 'fp8';
  if (bits !== 4) return 'other';
  if (group === 32 || /^mxfp4/.test(format ?? '')) return 'mxfp4';
  return group === 16 || /^nvfp4/.test(format ?? '') ? 'nvfp4' : 'other';
}
