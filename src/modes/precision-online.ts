import type { CheckpointFacts } from '../schema/facts.ts';
import type { NumberFormat } from '../schema/precision.ts';
import {
  type Asked,
  activationsOn,
  atLeast,
  checkpointHint,
  isFp4,
  type Resolved,
  refusal,
  withoutKernel,
} from './precision-asked.ts';
import { isBlackwell, onlineFormats, reach, STORED_ONLY } from './precision-names.ts';
import { onlineProblem } from './precision-possible.ts';

/** A checkpoint that is not quantized, or of which that is not known: vLLM makes the weights small while it loads. */
export function precisionOfPlain(asked: Asked, checkpoint: CheckpointFacts | null): Resolved {
  const { name, engine, device } = asked;
  const isRead = checkpoint !== null && checkpoint.config_sha256 !== null;
  if (name === null) {
    const weights = plainFormat(asked, checkpoint);
    return { precision: { asked: null, flag: null, by: 'nobody', reaches: 'none', weights, activations: null } };
  }
  const isOurs = name === 'fp8' || name === 'fp4';
  if (engine.checkpoint !== null && !isRead && (isOurs || onlineFormats(name) === null)) return asSaid(asked, name);
  if (device.kind === 'tpu' && (isRead || !STORED_ONLY.test(name))) {
    return refusal(
      `vLLM on TPU quantizes no checkpoint while it loads one, so ${name} needs one that has it`,
      isFp4(onlineFormats(name)?.weights ?? (name === 'fp4' ? 'nvfp4' : 'other'))
        ? `Write quantization: fp4 with ${checkpointHint(engine, 'fp4', '-NVFP4')}`
        : `Write quantization: fp8 with ${checkpointHint(engine, 'fp8', '-FP8')}`,
    );
  }
  if (name === 'fp8') return online(asked, fp8Name(asked), checkpoint, isRead);
  return name === 'fp4' ? fp4(asked, checkpoint, isRead) : online(asked, name, checkpoint, isRead);
}

/** The dtype that a checkpoint runs in: `--dtype`, else its own; vLLM runs float32 in 16 bits unless told otherwise. */
function plainFormat({ engine }: Asked, checkpoint: CheckpointFacts | null): NumberFormat {
  const words = engine.extra_args.flatMap((word) => word.split('='));
  const told = words[words.indexOf('--dtype') + 1];
  const formats: Readonly<Record<string, NumberFormat>> = { bfloat16: 'bf16', float16: 'fp16', half: 'fp16' };
  if (words.includes('--dtype') && told !== undefined && told !== 'auto')
    return told === 'float32' || told === 'float' ? 'fp32' : (formats[told] ?? 'other');
  if (checkpoint?.dtype == null) return 'other';
  return formats[checkpoint.dtype] ?? (checkpoint.dtype === 'float32' ? 'bf16' : 'other');
}

/** The run says that a checkpoint has the precision, and its config.json is not here to say otherwise. */
function asSaid(asked: Asked, name: string): Resolved {
  const weights: NumberFormat = name === 'fp4' ? 'nvfp4' : name === 'fp8' ? 'fp8' : 'other';
  const problem = withoutKernel(asked, weights);
  if (problem !== null) return problem;
  const activations = weights === 'other' ? null : activationsOn(asked.device, weights);
  return { precision: { asked: name, flag: null, by: 'checkpoint', reaches: 'all', weights, activations } };
}

/** `fp8_per_tensor` does what `fp8` did, and takes its place: from 0.31 vLLM calls `fp8` deprecated for plain checkpoints. */
function fp8Name({ capabilities }: Asked): string {
  if (capabilities === null) return 'fp8_per_tensor';
  const { vllm_version, online_quantization } = capabilities;
  const isThere = Object.keys(online_quantization).length === 0 || 'fp8_per_tensor' in online_quantization;
  return isThere && atLeast(vllm_version, 0, 31) ? 'fp8_per_tensor' : 'fp8';
}

function fp4(asked: Asked, checkpoint: CheckpointFacts | null, isRead: boolean): Resolved {
  const { engine, capabilities, device } = asked;
  if (device.kind === 'cpu' || reach(asked, 'mxfp4')?.includes('linear') === true)
    return online(asked, 'mxfp4', checkpoint, isRead);
  const version = capabilities?.vllm_version ?? '';
  const isMoe = checkpoint?.size?.experts != null;
  const perToken = isMoe && reach(asked, 'nvfp4_per_token')?.includes('experts') === true;
  if (perToken && isBlackwell(asked)) return online(asked, 'nvfp4_per_token', checkpoint, isRead);
  const isDense = checkpoint?.size != null && !isMoe;
  const kind = isDense
    ? 'BF16 dense checkpoint'
    : isMoe
      ? 'BF16 mixture of experts'
      : 'checkpoint that is not quantized';
  const sooner = !isMoe ? '' : perToken ? ' on this device' : ' (0.26 for its experts on compute capability 10)';
  return refusal(
    `FP4 of a ${kind} needs vLLM 0.28 or later${sooner}; this is ${version}`,
    `Use an NVFP4 checkpoint of the model: ${checkpointHint(engine, 'fp4', '-NVFP4')}`,
  );
}

/** A name of vLLM's for a plain checkpoint. */
function online(asked: Asked, name: string, checkpoint: CheckpointFacts | null, isRead: boolean): Resolved {
  const formats = onlineFormats(name) ?? { weights: 'other' as const, activations: null };
  const reached = reach(asked, name);
  const problem = onlineProblem(asked, name, checkpoint, isRead);
  if (problem !== null) return problem;
  return {
    precision: {
      asked: asked.name,
      flag: name,
      // Of a checkpoint that is not here, a name that vLLM has no scheme for says what is stored in it.
      by: isRead || name === 'online' || (reached?.length ?? 0) > 0 ? 'engine' : 'checkpoint',
      reaches: reached?.length === 1 ? (reached[0] ?? 'all') : 'all',
      weights: formats.weights,
      activations: activationsOn(asked.device, formats.activations),
    },
  };
}
