import { closest } from 'fastest-levenshtein';
import type { CheckpointFacts } from '../schema/facts.ts';
import type { NumberFormat } from '../schema/precision.ts';
import {
  type Asked,
  activationsOn,
  atLeast,
  checkpointHint,
  deprecated,
  type Resolved,
  refusal,
  withoutKernel,
} from './precision-asked.ts';
import { isBlackwell, onlineFormats, type Reach, reach, STORED_ONLY } from './precision-names.ts';

/** Why vLLM cannot quantize this checkpoint under this name on this device while it loads it; null when it can. */
export function onlineProblem(
  asked: Asked,
  name: string,
  checkpoint: CheckpointFacts | null,
  isRead: boolean,
): Resolved | null {
  return (
    unknownName(asked, name) ??
    deprecated(asked, name) ??
    notOnThisDevice(asked, name, onlineFormats(name)?.weights ?? 'other') ??
    notOnThisCheckpoint(asked, name, reach(asked, name), checkpoint, isRead)
  );
}

function unknownName({ capabilities }: Asked, name: string): Resolved | null {
  const names = capabilities?.quantization ?? [];
  if (names.length === 0 || names.includes(name)) return null;
  return refusal(
    `vLLM ${capabilities?.vllm_version} has no quantization called ${name}`,
    `The nearest of its ${names.length} names is ${closest(name, names)}`,
  );
}

function notOnThisDevice(asked: Asked, name: string, format: NumberFormat): Resolved | null {
  const { device, engine } = asked;
  const problem = withoutKernel(asked, format);
  if (problem !== null) return problem;
  const perBlock = reach(asked, 'fp8_per_block') === null ? '' : 'quantization: fp8_per_block, or ';
  const onCpu = `What runs there: ${perBlock}quantization: fp8 with a compressed-tensors checkpoint (${checkpointHint(engine, 'fp8', '-FP8')})`;
  if (device.kind === 'cpu' && format === 'mxfp8') return refusal('vLLM has no MXFP8 kernel for a CPU', onCpu);
  if (device.kind === 'cpu' && (name === 'fp8' || name === 'fp8_per_tensor'))
    return refusal('FP8 with a scale for each tensor fails in vLLM on a CPU (static_scaled_fp8_quant)', onCpu);
  if (name === 'nvfp4_per_token' && !isBlackwell(asked))
    return refusal(
      'nvfp4_per_token needs compute capability 10',
      `Use quantization: fp4 with ${checkpointHint(engine, 'fp4', '-NVFP4')}`,
    );
  if (name === 'fp8_per_channel' && activationsOn(device, 'fp8') === null)
    return refusal(
      'fp8_per_channel needs compute capability 8.9 or later',
      'Use quantization: fp8, which is weight-only here',
    );
  return null;
}

function notOnThisCheckpoint(
  asked: Asked,
  name: string,
  reached: Reach | null,
  checkpoint: CheckpointFacts | null,
  isRead: boolean,
): Resolved | null {
  if (!isRead) return null;
  if (reached?.length === 0) {
    // Mxfp4Config of 0.10.2 raises NotImplementedError for a linear layer, and that of 0.11.1 leaves it as it is.
    const version = asked.capabilities?.vllm_version ?? '';
    const result = atLeast(version, 0, 11, 1) ? 'would run it in BF16' : 'fails with NotImplementedError';
    return refusal(
      `${name} reaches no layer of a checkpoint that is not quantized in vLLM ${version}, which ${result}`,
      `Use vLLM 0.28 or later, or quantization: fp4 with ${checkpointHint(asked.engine, 'fp4', '-NVFP4')}`,
    );
  }
  if (reached === null && STORED_ONLY.test(name)) {
    return refusal(
      `${name} is a format of checkpoints, and this one is not quantized`,
      `Give one that is: checkpoints: {${name}: <id or path>}`,
    );
  }
  const unmade = reached === null ? withoutScheme(asked, name) : null;
  if (unmade !== null) return unmade;
  const isDense = checkpoint?.size != null && checkpoint.size.experts === null;
  if (!isDense || reached === null || reached.includes('linear')) return null;
  return refusal(
    `${name} reaches only the experts of a mixture of experts, and vLLM would run this dense model in BF16 without a word`,
    onlineFormats(name)?.weights === 'int8'
      ? `Use quantization: compressed-tensors with ${checkpointHint(asked.engine, 'compressed-tensors', '-W8A8')}`
      : `Use quantization: fp4${reach(asked, 'mxfp4')?.includes('linear') === true ? ', or' : ' with'} ${checkpointHint(asked.engine, 'fp4', '-NVFP4')}`,
  );
}

/** Names that make something of a plain checkpoint although no table of vLLM's lists them. */
const UNLISTED = ['humming', 'deepseek_v4_fp8'];

/** Why a name that vLLM has no scheme under cannot be had of a plain checkpoint; null for one that could not be asked. */
function withoutScheme({ capabilities, device, engine }: Asked, name: string): Resolved | null {
  if (capabilities === null || Object.keys(capabilities.online_quantization).length === 0) return null;
  if (UNLISTED.includes(name) || (name === 'ptpc_fp8' && device.kind === 'rocm')) return null;
  if (name !== 'online')
    return refusal(
      `vLLM ${capabilities.vllm_version} quantizes no checkpoint as ${name} while it loads one${name === 'ptpc_fp8' ? ', except on ROCm' : ''}`,
      `Give one that is quantized already: checkpoints: {${name}: <id or path>}`,
    );
  const isToldHow = engine.extra_args.some((word) => /^--quantization[-_]config\b/.test(word));
  return isToldHow
    ? null
    : refusal(
        'online takes its scheme from --quantization-config, which is not in args',
        `Write a name such as fp8_per_block, or args: --quantization-config '{"linear": "fp8_per_block"}'`,
      );
}
