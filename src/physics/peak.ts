import type { AcceleratorSpec } from '../schema/hardware.ts';
import type { NumberFormat, Precision } from '../schema/precision.ts';

/**
 * Dense peak FLOP/s of one device: of linear layers by the format of their activations, of attention by the width of the
 * KV cache. Weights that are only stored in few bits (W4A16) are computed in BF16. Where a format has no units of its
 * own here, or slower ones than BF16, a kernel may do better by widening: then the fastest that it could use is taken.
 * Null when the table has no FLOP/s at all.
 */
export function peakFlops(
  { flops }: AcceleratorSpec,
  { activations }: Precision,
  kvBits: number,
): { readonly linear: number; readonly attention: number } | null {
  const fastest = Math.max(0, ...Object.values(flops).map(({ value }) => value));
  if (fastest === 0) return null;
  const plain = flops.bf16?.value ?? fastest;
  const units = UNITS[activations ?? 'bf16'];
  const own = units === null ? fastest : (flops[units]?.value ?? fastest);
  return { linear: Math.max(own, plain), attention: kvBits <= 8 ? Math.max(plain, flops.fp8?.value ?? 0) : plain };
}

const UNITS: { readonly [format in NumberFormat]: keyof AcceleratorSpec['flops'] | null } = {
  fp32: 'bf16',
  fp16: 'bf16',
  bf16: 'bf16',
  fp8: 'fp8',
  mxfp8: 'fp8',
  int8: 'int8',
  nvfp4: 'fp4',
  mxfp4: 'fp4',
  int4: null,
  other: null,
};
