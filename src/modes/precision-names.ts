import type { NumberFormat } from '../schema/precision.ts';
import { type Asked, atLeast } from './precision-asked.ts';

/** Layers of a plain checkpoint that are quantized while it is loaded. */
export type Reach = readonly ('linear' | 'experts')[];

/** Number formats of weights and of activations. */
interface Formats {
  readonly weights: NumberFormat;
  readonly activations: NumberFormat | null;
}

const ONLINE: Readonly<Record<string, Formats>> = {
  fp8: { weights: 'fp8', activations: 'fp8' },
  ptpc_fp8: { weights: 'fp8', activations: 'fp8' },
  fp8_per_tensor: { weights: 'fp8', activations: 'fp8' },
  fp8_per_block: { weights: 'fp8', activations: 'fp8' },
  fp8_per_channel: { weights: 'fp8', activations: 'fp8' },
  mxfp8: { weights: 'mxfp8', activations: 'mxfp8' },
  mxfp4: { weights: 'mxfp4', activations: 'mxfp4' },
  nvfp4_per_token: { weights: 'nvfp4', activations: 'nvfp4' },
  int8_per_channel_weight_only: { weights: 'int8', activations: null },
  experts_int8: { weights: 'int8', activations: null },
};

/** What vLLM makes of a plain checkpoint under a name; null for a name that is not known here. */
export function onlineFormats(name: string): Formats | null {
  return (Object.hasOwn(ONLINE, name) ? ONLINE[name] : null) ?? null;
}

/** Names that leave the linear layers of a dense model as they are, where the vLLM itself was not asked. */
const EXPERTS_ONLY = ['nvfp4_per_token', 'int8_per_channel_weight_only', 'experts_int8'];

/** What vLLM reads on TPU, whatever else it lists (vllm-tpu 0.32: fixtures/capabilities). */
export const TPU_QUANTIZATION: readonly string[] = [
  'auto_awq',
  'fp8',
  'modelopt_fp4',
  'compressed-tensors',
  'gpt_oss_mxfp4',
  'deepseek_v4_fp8',
];

/** Names of formats that a checkpoint has or has not: of a plain one vLLM says that it cannot find the config file. */
export const STORED_ONLY = /^(?:auto_)?(?:awq|gptq)|^modelopt|^nvfp4$|^compressed-tensors$|^gpt_oss_mxfp4$|^quark$/;

export function isBlackwell({ device }: Asked): boolean {
  if (device.kind !== null && device.kind !== 'cuda') return false;
  return device.capability === null || Math.floor(device.capability / 10) === 10;
}

/** Which layers of a plain checkpoint a name reaches, [] for none; null when this vLLM has no such thing under it. */
export function reach({ capabilities }: Asked, name: string): Reach | null {
  const told = capabilities?.online_quantization ?? {};
  if (Object.keys(told).length > 0) return (Object.hasOwn(told, name) ? told[name] : null) ?? null;
  // A vLLM that could not be asked.
  if (EXPERTS_ONLY.includes(name)) return ['experts'];
  if (name === 'mxfp4' && capabilities !== null && !atLeast(capabilities.vllm_version, 0, 28)) return [];
  return onlineFormats(name) === null ? null : ['linear', 'experts'];
}
