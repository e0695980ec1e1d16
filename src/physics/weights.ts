import type { CheckpointFacts } from '../schema/facts.ts';
import type { ModelSize } from '../schema/model-size.ts';
import { NUMBER_FORMATS, type NumberFormat, type Precision } from '../schema/precision.ts';

/**
 * The fewest bytes that a model's weights can take. Scales, zero points and layers that a scheme leaves out are not
 * counted: each would make it more, and a limit that is made from too few bytes never calls a true number impossible.
 */
export interface WeightBytes {
  /** All of them, as they lie in memory. */
  readonly held: number;
  /** The part of routed experts; 0 for a dense model. */
  readonly experts: number;
  /** The part that is only looked up, a row a token: an input embedding that is not the output head as well. */
  readonly lookup: number;
}

/** Null when the size of the model or of its number format is not known. */
export function weightBytes(checkpoint: CheckpointFacts | null, precision: Precision): WeightBytes | null {
  const size = checkpoint?.size ?? null;
  if (checkpoint === null || size === null) return null;
  const stored = precision.by === 'engine' ? null : checkpoint.weight_bytes;
  const counted = countedBytes(size, precision);
  if (counted === null) return stored === null ? null : bytesOfUnknownFormat(size, stored);
  if (stored === null || stored >= counted.held) return counted;
  // Its own files hold less than was counted: embeddings that are quantized as well, or a format with fewer bits.
  const share = stored / counted.held;
  return { held: stored, experts: counted.experts * share, lookup: counted.lookup * share };
}

/** Parameters of the input embedding where it is a matrix of its own; a token is not multiplied with it. */
function lookupParameters(size: ModelSize): number {
  return Math.max(0, size.parameters - size.linear_parameters - (size.active_parameters - activeLinear(size)));
}

/** Weights of linear layers that a token is multiplied with: of routed experts only its own. */
export function activeLinear({ linear_parameters, expert_parameters, experts }: ModelSize): number {
  const share = experts === null ? 1 : Math.min(1, experts.per_token / experts.total);
  return linear_parameters - expert_parameters * (1 - share);
}

/** What quantization leaves: vLLM runs a float32 checkpoint in 16 bits too, unless it is told otherwise. */
const PLAIN = 2;

function countedBytes(size: ModelSize, { weights, reaches }: Precision): WeightBytes | null {
  const small = reaches === 'none' ? PLAIN : bytesOf(weights);
  if (small === null) return null;
  const { parameters, linear_parameters, expert_parameters } = size;
  const experts = expert_parameters * (reaches === 'all' || reaches === 'experts' ? small : PLAIN);
  const dense = (linear_parameters - expert_parameters) * (reaches === 'all' || reaches === 'linear' ? small : PLAIN);
  const rest = (parameters - linear_parameters) * PLAIN;
  return { held: experts + dense + rest, experts, lookup: lookupParameters(size) * PLAIN };
}

/** Of a dense model the size of its files says enough. */
function bytesOfUnknownFormat(size: ModelSize, stored: number): WeightBytes | null {
  return size.experts === null
    ? { held: stored, experts: 0, lookup: Math.min(stored, lookupParameters(size) * PLAIN) }
    : null;
}

/** Bytes of one number; null for a format of unknown size. */
function bytesOf(format: NumberFormat): number | null {
  const bits = NUMBER_FORMATS[format];
  return bits === null ? null : bits / 8;
}
