import type { NumberFormat } from '../../schema/precision.ts';

/** What the weights and activations of a quantized checkpoint are stored and computed in. */
export interface Formats {
  readonly weights: NumberFormat;
  readonly activations: NumberFormat | null;
}

/** For what this program does not know. */
export const UNKNOWN: Formats = { weights: 'other', activations: null };

/** A `quantization_config`, or the whole of a hf_quant_config.json. */
export type Written = Readonly<Record<string, unknown>>;
