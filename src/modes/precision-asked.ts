import type { EngineSettings } from '../schema/engine.ts';
import type { Capabilities, DeviceFacts, Facts } from '../schema/facts.ts';
import type { NumberFormat, Precision } from '../schema/precision.ts';

/** What an asked precision comes to, or why it cannot be had and what would work: a sentence each. */
export type Resolved = { readonly precision: Precision } | { readonly refused: string };

/** The engine settings that decide on a precision. */
export type PrecisionSettings = Pick<EngineSettings, 'model' | 'checkpoint' | 'quantization' | 'extra_args'>;

/** A precision as asked, and what it is asked of. */
export interface Asked {
  readonly engine: PrecisionSettings;
  /** `fp8`, `fp4` or a name of vLLM's; null for none. */
  readonly name: string | null;
  /** Null: the newest vLLM is assumed. */
  readonly capabilities: Capabilities | null;
  readonly device: Device;
}

/** What decides on kernels; null where nothing is known, which counts as a device that has everything. */
interface Device {
  readonly kind: DeviceFacts['kind'] | null;
  readonly name: string;
  /** Compute capability x 10: 89 for 8.9. */
  readonly capability: number | null;
}

export function deviceOf({ devices, capabilities }: Facts): Device {
  const capability = /^(?<major>\d+)\.(?<minor>\d)$/.exec(devices?.compute_capability ?? '')?.groups;
  return {
    kind: devices?.kind ?? capabilities?.platform ?? null,
    name: devices?.name ?? '',
    capability: capability === undefined ? null : 10 * Number(capability['major']) + Number(capability['minor']),
  };
}

export function refusal(why: string, remedy: string): Resolved {
  return { refused: `${why}. ${remedy}` };
}

export function isFp4(format: NumberFormat): boolean {
  return format === 'nvfp4' || format === 'mxfp4';
}

/** `fp8` -> `FP8`, for people. */
export function formatLabel(format: NumberFormat): string {
  return format === 'other' ? 'quantized' : format.toUpperCase();
}

/**
 * The format that activations are quantized to on this device; null when its kernels multiply in 16 bits. CUDA: FP8
 * from compute capability 8.9, FP4 and MXFP8 from 10.0, Marlin's weight-only kernels below (vllm/model_executor/kernels/
 * linear of 0.32). ROCm: FP4 units from MI350 on. TPU: no FP4 units.
 */
export function activationsOn(device: Device, format: NumberFormat | null): NumberFormat | null {
  if (format === null) return null;
  const needs = isFp4(format) || format === 'mxfp8' ? 100 : format === 'fp8' ? 89 : 0;
  if (device.kind === 'cuda') return (device.capability ?? needs) >= needs ? format : null;
  if (!isFp4(format)) return format;
  if (device.kind === 'rocm') return /MI(?:3[5-9]|[4-9]\d)\d/i.test(device.name) ? format : null;
  return device.kind === 'tpu' ? null : format;
}

/**
 * Why no kernel of vLLM's takes weights of this format on this device. CUDA: get_min_capability in vLLM's quantization
 * configs; CPU: what failed on vLLM 0.32.
 */
export function withoutKernel({ device, capabilities, engine }: Asked, format: NumberFormat): Resolved | null {
  if (device.kind === 'cpu' && isFp4(format)) {
    return refusal(
      'vLLM has no FP4 kernel for a CPU',
      `What runs there: quantization: none, or fp8 with a compressed-tensors checkpoint (${checkpointHint(engine, 'fp8', '-FP8')})`,
    );
  }
  if (device.kind !== 'cuda' || device.capability === null || (format !== 'fp8' && !isFp4(format))) return null;
  const least = capabilities !== null && !atLeast(capabilities.vllm_version, 0, 15) ? 80 : 75;
  if (device.capability >= least) return null;
  const [needs, has] = [least, device.capability].map((value) => (value / 10).toFixed(1));
  return refusal(
    `${formatLabel(format)} needs compute capability ${needs} or later; ${device.name} has ${has}`,
    'Use quantization: none, or an AWQ or GPTQ checkpoint',
  );
}

/** Why vLLM refuses a name that it is about to drop; null for any other, and when the user allows it. */
export function deprecated({ engine, capabilities }: Asked, method: string): Resolved | null {
  if (capabilities === null || !capabilities.deprecated_quantization.includes(method)) return null;
  if (engine.extra_args.some((word) => word.replaceAll('_', '-') === '--allow-deprecated-quantization')) return null;
  return refusal(
    `vLLM ${capabilities.vllm_version} refuses ${method}, which it will drop`,
    'Write --allow-deprecated-quantization in args',
  );
}

/** `checkpoints: {fp4: <publisher>/Llama-3.1-8B-NVFP4}`: publishers name them so, which of them exist is not known here. */
export function checkpointHint({ model }: PrecisionSettings, key: string, suffix: string): string {
  const base = model.replace(/\/+$/, '').replace(/^.*[/:]/, '');
  return `checkpoints: {${key}: <publisher>/${base}${suffix}}`;
}

/** True when a version such as `0.28.1.dev3+cpu` is at least this one; one that cannot be read is new. */
export function atLeast(version: string, major: number, minor: number, patch = 0): boolean {
  const parts = /^(?<major>\d+)\.(?<minor>\d+)(?:\.(?<patch>\d+))?/.exec(version)?.groups;
  if (parts === undefined) return true;
  const [haveMajor, haveMinor] = [Number(parts['major']), Number(parts['minor'])];
  if (haveMajor !== major) return haveMajor > major;
  return haveMinor === minor ? Number(parts['patch'] ?? 0) >= patch : haveMinor > minor;
}
