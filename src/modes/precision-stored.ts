import type { CheckpointFacts } from '../schema/facts.ts';
import type { CheckpointQuantization, NumberFormat } from '../schema/precision.ts';
import {
  type Asked,
  activationsOn,
  atLeast,
  checkpointHint,
  deprecated,
  formatLabel,
  isFp4,
  type Resolved,
  refusal,
  withoutKernel,
} from './precision-asked.ts';
import { TPU_QUANTIZATION } from './precision-names.ts';

/** gpt-oss and its like: the experts are quantized, attention and router are not. */
const EXPERTS_IN_MXFP4 = ['mxfp4', 'gpt_oss_mxfp4'];

/** Names under which vLLM has read one kind of checkpoint; any of them may be written for it. */
const FAMILIES: readonly (readonly string[])[] = [
  ['awq', 'auto_awq', 'awq_marlin', 'cpu_awq'],
  ['gptq', 'auto_gptq', 'gptq_marlin', 'gptq_bitblas', 'cpu_gptq'],
  ['modelopt', 'modelopt_fp4', 'modelopt_mxfp8', 'modelopt_mixed', 'nvfp4', 'petit_nvfp4'],
  EXPERTS_IN_MXFP4,
  ['fp8', 'deepseek_v4_fp8'],
  ['auto-round', 'auto_round', 'intel/auto-round', 'inc'],
  ['compressed-tensors', 'compressed_tensors'],
];
/** Names that choose kernels for a checkpoint of another name. */
const KERNELS = ['humming', 'moe_wna16', 'marlin', 'bitblas'];

/** A checkpoint that is quantized says itself what it is: vLLM finds that out, and refuses a flag that says otherwise. */
export function precisionOfStored(asked: Asked, facts: CheckpointFacts, stored: CheckpointQuantization): Resolved {
  const format = storedFormat(stored);
  const problem =
    mismatch(asked, stored, format) ??
    unreadable(asked, stored, format) ??
    tooEarly(asked, stored, format) ??
    withoutExperts(asked, stored, facts);
  if (problem !== null) return problem;
  const expertsOnly = EXPERTS_IN_MXFP4.includes(stored.method) && facts.size?.experts != null;
  return {
    precision: {
      asked: asked.name,
      flag: flagOf(asked, stored, format),
      by: 'checkpoint',
      reaches: expertsOnly ? 'experts' : 'all',
      weights: format,
      activations: activationsOn(asked.device, stored.activations),
    },
  };
}

/** Format of the weights; by the method's name where the configuration did not tell. */
export function storedFormat({ method, weights }: CheckpointQuantization): NumberFormat {
  if (weights !== 'other') return weights;
  const byName: Readonly<Record<string, NumberFormat>> = {
    fp8: 'fp8',
    fbgemm_fp8: 'fp8',
    deepseek_v4_fp8: 'fp8',
    mxfp4: 'mxfp4',
    gpt_oss_mxfp4: 'mxfp4',
    modelopt_fp4: 'nvfp4',
    nvfp4: 'nvfp4',
  };
  return (Object.hasOwn(byName, method) ? byName[method] : null) ?? 'other';
}

function mismatch({ name, engine }: Asked, { method }: CheckpointQuantization, format: NumberFormat): Resolved | null {
  const own = format === 'fp8' ? 'fp8' : isFp4(format) ? 'fp4' : method;
  const what = `the checkpoint is quantized with ${method} (${formatLabel(format)} weights)`;
  if (name === null) {
    return refusal(
      `${what}, so that none would not run it in BF16`,
      `Write quantization: ${own}, or give the checkpoint that is not quantized: checkpoints: {none: <id or path>}`,
    );
  }
  if (name === own || isNameOf(name, method)) return null;
  const suffix = name === 'fp8' ? '-FP8' : name === 'fp4' ? '-NVFP4' : null;
  return refusal(
    `${what}, so it cannot be run as ${name}`,
    suffix === null
      ? `Write quantization: ${own}, or give vLLM a checkpoint that is not quantized`
      : `Use a checkpoint of the model in ${name.toUpperCase()}: ${checkpointHint(engine, name, suffix)}, or write quantization: ${own}`,
  );
}

function isNameOf(name: string, method: string): boolean {
  return name === method || KERNELS.includes(name) || familyOf(method).includes(name);
}

function familyOf(method: string): readonly string[] {
  return FAMILIES.find((family) => family.includes(method)) ?? [method];
}

/** Names of the method that would read such a checkpoint; ModelOpt's FP8 and FP4 are two of vLLM's. */
function readAs(method: string, format: NumberFormat): readonly string[] {
  const family = familyOf(method);
  if (!family.includes('modelopt')) return family;
  return format === 'fp8' ? ['modelopt'] : isFp4(format) ? ['modelopt_fp4', 'nvfp4', 'petit_nvfp4'] : family;
}

/** Why this vLLM on this device cannot run a checkpoint of this kind. */
function unreadable(
  asked: Asked,
  { method, weight_block }: CheckpointQuantization,
  format: NumberFormat,
): Resolved | null {
  const { capabilities, device } = asked;
  const version = capabilities?.vllm_version ?? null;
  const other = 'Use another checkpoint of the model, or another vLLM';
  const names = capabilities?.quantization ?? (device.kind === 'tpu' ? TPU_QUANTIZATION : []);
  const isOldNvfp4 = version !== null && format === 'nvfp4' && !atLeast(version, 0, 9, 1);
  if (names.length > 0 && !readAs(method, format).some((name) => names.includes(name))) {
    const reads = device.kind === 'tpu' ? `It reads ${names.join(', ')} there` : other;
    return refusal(`vLLM ${version ?? 'on TPU'} does not read ${method} checkpoints in ${formatLabel(format)}`, reads);
  }
  // compressed-tensors has _is_fp4a4_nvfp4 from 0.9.1; ModelOptNvFp4Config.get_min_capability is 100 in 0.8.5.
  if (isOldNvfp4 && familyOf(method).includes('compressed-tensors'))
    return refusal(`NVFP4 in compressed-tensors needs vLLM 0.9.1 or later; this is ${version}`, other);
  if (isOldNvfp4 && device.capability !== null && device.capability < 100)
    return refusal(`NVFP4 needs compute capability 10.0 in vLLM ${version}`, 'From vLLM 0.9.1 on it runs weight-only');
  const isPerTensor = familyOf(method).includes('modelopt') || (method === 'fp8' && weight_block === undefined);
  if (device.kind === 'cpu' && format === 'fp8' && isPerTensor)
    return refusal(
      `${method === 'fp8' ? 'FP8 with a scale for each tensor' : 'ModelOpt FP8'} fails in vLLM on a CPU (static_scaled_fp8_quant)`,
      'Use a compressed-tensors FP8 checkpoint',
    );
  return withoutKernel(asked, format) ?? deprecated(asked, method);
}

/** MXFP4 came to compressed-tensors with _is_mxfp4 in 0.14.0 (0.13.0 has none), to Quark after 0.8.5. */
function tooEarly({ capabilities }: Asked, { method }: CheckpointQuantization, format: NumberFormat): Resolved | null {
  const version = capabilities?.vllm_version;
  if (version === undefined || format !== 'mxfp4') return null;
  const [least, isThere] = familyOf(method).includes('compressed-tensors')
    ? ['0.14', atLeast(version, 0, 14)]
    : ['0.9', method !== 'quark' || atLeast(version, 0, 9)];
  if (isThere) return null;
  return refusal(
    `MXFP4 in ${method} needs vLLM ${least} or later; this is ${version}`,
    'Use another checkpoint of the model, or another vLLM',
  );
}

/** `mxfp4` of a config.json is a method for experts; a dense model gets UnquantizedLinearMethod (ran on 0.32). */
function withoutExperts(
  { engine }: Asked,
  { method }: CheckpointQuantization,
  { size }: CheckpointFacts,
): Resolved | null {
  if (!EXPERTS_IN_MXFP4.includes(method) || size === null || size.experts !== null) return null;
  return refusal(
    `vLLM reads ${method} checkpoints for their experts only, and this model has none: it would run in BF16 without a word`,
    `Use ${checkpointHint(engine, 'fp4', '-NVFP4')}`,
  );
}

/**
 * No flag, since vLLM reads config.json; but it looks into a hf_quant_config.json by itself from 0.10.2 on only
 * (transformers_utils/config.py), and before that it is told. ModelOpt's NVFP4 was called nvfp4 in 0.8.
 */
function flagOf({ name, capabilities }: Asked, stored: CheckpointQuantization, format: NumberFormat): string | null {
  if (name !== null && name !== stored.method && (familyOf(stored.method).includes(name) || KERNELS.includes(name))) {
    // `fp8` is ours before it is vLLM's.
    return name === 'fp8' ? null : name;
  }
  if (stored.source === 'config.json' || capabilities === null || atLeast(capabilities.vllm_version, 0, 10, 2))
    return null;
  if (!isFp4(format)) return 'modelopt';
  return atLeast(capabilities.vllm_version, 0, 9) ? 'modelopt_fp4' : 'nvfp4';
}
