import { z } from 'zod';
import type { NumberFormat } from '../../schema/precision.ts';
import { groupFormats } from './config-groups.ts';
import { type Formats, UNKNOWN, type Written } from './formats.ts';

/** Formats by `quant_method`; ModelOpt's are in modelopt.ts. */
export function formatsOf(method: string, written: Written): Formats {
  switch (method) {
    case 'fp8':
    case 'fbgemm_fp8':
      return { weights: 'fp8', activations: 'fp8' };
    case 'mxfp8':
      return { weights: 'mxfp8', activations: 'mxfp8' };
    case 'compressed-tensors':
    case 'compressed_tensors':
      return groupFormats(written) ?? UNKNOWN;
    case 'mxfp4':
    case 'gpt_oss_mxfp4':
      return { weights: 'mxfp4', activations: null };
    case 'gptq':
    case 'gptq_marlin':
    case 'awq':
    case 'awq_marlin':
    case 'auto-round':
    case 'auto_round':
    case 'intel/auto-round':
    case 'inc':
      return integerWeights(written);
    case 'bitsandbytes':
      // LLM.int8() multiplies in 8 bits; NF4 and its FP4 are tables of their own, neither INT4 nor NVFP4.
      return written['load_in_8bit'] === true ? { weights: 'int8', activations: 'int8' } : UNKNOWN;
    case 'quark':
      return quarkFormats(written);
    case 'torchao':
      return torchaoFormats(written);
    default:
      return UNKNOWN;
  }
}

/** GPTQ, AWQ and AutoRound: integers of `bits`, activations as they are; AutoRound can also write float formats. */
function integerWeights(written: Written): Formats {
  const dataType = String(written['data_type'] ?? 'int').toLowerCase();
  const bits = written['bits'] ?? written['w_bit'];
  if (!/^int/.test(dataType)) return UNKNOWN;
  if (bits === 4) return { weights: 'int4', activations: null };
  return bits === 8 ? { weights: 'int8', activations: null } : UNKNOWN;
}

const Quark = z.looseObject({ dtype: z.string().nullish(), group_size: z.number().nullish() }).nullish();
const QuarkConfig = z.object({ global_quant_config: z.object({ weight: Quark, input_tensors: Quark }) });

function quarkFormats(written: Written): Formats {
  const parsed = QuarkConfig.safeParse(written);
  if (!parsed.success) return UNKNOWN;
  const { weight, input_tensors } = parsed.data.global_quant_config;
  const activations = input_tensors == null ? null : quarkFormat(input_tensors);
  return weight == null ? UNKNOWN : { weights: quarkFormat(weight), activations };
}

function quarkFormat(scheme: NonNullable<z.output<typeof Quark>>): NumberFormat {
  const dtype = scheme.dtype ?? '';
  // Quark writes its OCP microscaling types as fp4 or fp8 with groups of 32.
  if (dtype === 'fp4') return scheme.group_size === 32 ? 'mxfp4' : 'other';
  if (dtype.startsWith('fp8')) return scheme.group_size === 32 ? 'mxfp8' : 'fp8';
  if (/^u?int8$/.test(dtype)) return 'int8';
  return /^u?int4$/.test(dtype) ? 'int4' : 'other';
}

/** torchao writes the class of its config, or that name with underscores. */
const TORCHAO: readonly (readonly [pattern: RegExp, formats: Formats])[] = [
  [/int4weightonly/, { weights: 'int4', activations: null }],
  [/int8weightonly/, { weights: 'int8', activations: null }],
  [/int8dynamicactivationint8weight/, { weights: 'int8', activations: 'int8' }],
  [/int8dynamicactivationint4weight/, { weights: 'int4', activations: 'int8' }],
  [/float8weightonly/, { weights: 'fp8', activations: null }],
  [/float8dynamicactivationfloat8weight/, { weights: 'fp8', activations: 'fp8' }],
  [/float8dynamicactivationint4weight/, { weights: 'int4', activations: 'fp8' }],
];

function torchaoFormats(written: Written): Formats {
  const name = JSON.stringify(written['quant_type'] ?? '')
    .toLowerCase()
    .replaceAll('_', '');
  const matches = TORCHAO.filter(([pattern]) => pattern.test(name)).map(([, formats]) => formats);
  return matches.length === 1 && matches[0] !== undefined ? matches[0] : UNKNOWN;
}
