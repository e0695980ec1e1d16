import type { EngineSettings } from '../schema/engine.ts';
import type { Facts } from '../schema/facts.ts';

/** The value for vLLM's `--quantization` (null: no flag), or why this precision cannot be had. */
export type PrecisionFlag = { readonly flag: string | null } | { readonly refused: string };

/**
 * What `quantization: fp8` and `fp4` mean to the vLLM that will run; any other name is vLLM's own.
 * Online MXFP4 of dense models is there from 0.28, the name fp8_per_tensor replaces fp8 from 0.31 (vllm/config/
 * quantization.py of these releases). Without a known vLLM the newest is assumed.
 */
export function precisionFlag(engine: Pick<EngineSettings, 'model' | 'quantization'>, facts: Facts): PrecisionFlag {
  const { quantization } = engine;
  if (quantization !== 'fp8' && quantization !== 'fp4') return { flag: quantization };
  const checkpoint = facts.checkpoints.find(({ model }) => model === engine.model);
  if (checkpoint?.quantization != null) return fromCheckpoint(quantization, checkpoint.quantization.method);
  const version = facts.capabilities?.vllm_version;
  if (quantization === 'fp8')
    return { flag: version === undefined || atLeast(version, 0, 31) ? 'fp8_per_tensor' : 'fp8' };
  if (version !== undefined && !atLeast(version, 0, 28)) {
    return {
      refused: `FP4 of a checkpoint that is not quantized needs vLLM 0.28 or later; this is ${version}. Use an FP4 checkpoint of the model`,
    };
  }
  return { flag: 'mxfp4' };
}

/** A quantized checkpoint says what it is: vLLM refuses a flag that names something else. */
function fromCheckpoint(asked: 'fp8' | 'fp4', method: string): PrecisionFlag {
  const methods = {
    fp8: ['fp8', 'modelopt', 'compressed-tensors', 'fbgemm_fp8'],
    fp4: ['modelopt_fp4', 'modelopt', 'mxfp4', 'compressed-tensors', 'nvfp4'],
  };
  if (methods[asked].includes(method)) return { flag: null };
  return { refused: `the checkpoint is quantized with ${method}, so it cannot be run as ${asked}` };
}

/** True when a version such as `0.28.1.dev3+cpu` is at least major.minor. */
export function atLeast(version: string, major: number, minor: number): boolean {
  const parts = /^(?<major>\d+)\.(?<minor>\d+)/.exec(version)?.groups;
  if (parts === undefined) return true;
  const [have, haveMinor] = [Number(parts['major']), Number(parts['minor'])];
  return have > major || (have === major && haveMinor >= minor);
}
