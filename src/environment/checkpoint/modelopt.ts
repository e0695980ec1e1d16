import { z } from 'zod';
import { groupFormats } from './config-groups.ts';
import { type Formats, UNKNOWN, type Written } from './formats.ts';

/** quant_algo of ModelOpt, at the top or under `quantization`, and the method that vLLM makes of it. */
const MODELOPT: readonly (readonly [pattern: RegExp, named: string, formats: Formats])[] = [
  [/^MIXED_PRECISION$/, 'modelopt_mixed', UNKNOWN],
  [/^W4A16_NVFP4|^NVFP4_W4A16/, 'modelopt_fp4', { weights: 'nvfp4', activations: null }],
  [/^NVFP4/, 'modelopt_fp4', { weights: 'nvfp4', activations: 'nvfp4' }],
  [/^MXFP8$/, 'modelopt_mxfp8', { weights: 'mxfp8', activations: 'mxfp8' }],
  [/^FP8/, 'modelopt', { weights: 'fp8', activations: 'fp8' }],
  [/^W4A8_AWQ$/, 'modelopt', { weights: 'int4', activations: 'fp8' }],
  [/^(?:W4A16|INT4)(?:_AWQ)?$/, 'modelopt', { weights: 'int4', activations: null }],
  [/^W8A16$/, 'modelopt', { weights: 'int8', activations: null }],
  [/^(?:W8A8_SQ|INT8_SQ)/, 'modelopt', { weights: 'int8', activations: 'int8' }],
];

/** Formats of a checkpoint that ModelOpt made, and the method as vLLM names it. */
export function modeloptFormats(written: Written): Formats & { readonly named: string } {
  const algorithm = String(inner(written)['quant_algo'] ?? '').toUpperCase();
  const [, named = 'modelopt', formats = UNKNOWN] = MODELOPT.find(([pattern]) => pattern.test(algorithm)) ?? [];
  // A checkpoint can say NVFP4 and leave its activations alone; vLLM looks at the groups too.
  const groups = formats.weights === 'nvfp4' ? groupFormats(written) : null;
  return {
    named,
    ...formats,
    ...(groups?.weights === 'nvfp4' && groups.activations === null ? { activations: null } : {}),
  };
}

/** ModelOpt's own words: in hf_quant_config.json under `quantization`, in config.json at the top. */
export function inner(written: Written): Record<string, unknown> {
  const nested = z.looseObject({}).safeParse(written['quantization']);
  return nested.success ? nested.data : written;
}
