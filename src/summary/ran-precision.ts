import type { EngineLogFacts } from '../../parsers/engine-log.ts';
import type { EngineReport } from '../schema/engine.ts';
import type { ModelSize } from '../schema/model-size.ts';
import type { Precision } from '../schema/precision.ts';
import type { RanPrecision } from '../schema/record.ts';

const GIB = 2 ** 30;

/**
 * What the engine did to the weights, told by what its workers hold and by what its log names; never by a flag, which
 * vLLM may take and not follow. Null where neither tells.
 *
 * Of `precision` only one thing is used, and only where the checkpoint is the one that is quantized: how many bits its
 * config.json gives integers, which lie packed in memory.
 */
export function ranPrecision(
  precision: Precision | null,
  report: EngineReport | null,
  log: EngineLogFacts | null,
  size: ModelSize | null,
): RanPrecision | null {
  const kernels = (log?.kernels ?? []).map(({ value }) => value);
  const gemm = kernels.filter((kernel) => !/attention|\bMLA\b|^[A-Z_]+ backend$/i.test(kernel));
  const bytes = weightsInMemory(report, log, report ?? UNKNOWN);
  const found = fromWorkers(precision, report, log, gemm) ?? fromLog(precision, report, log, gemm, size);
  if (found === null) return null;
  return { label: found.label, weights_gib: bytes === null ? null : bytes / GIB, kernels, told_by: found.told_by };
}

/** How the weights are spread over workers; null where it is not known. */
export type Parallel = Pick<EngineReport, 'tensor_parallel_size' | 'pipeline_parallel_size'>;

/**
 * Bytes of all workers' weights: counted by themselves, else as their logs say; null where neither tells.
 *
 * One runner of vLLM's logs its weights in every worker, the other on the first worker of a host only. So as many lines
 * as workers are all of them; a single one stands for each of a tensor-parallel group, whose parts are equal, but not
 * for the stages of a pipeline; any other number is some of them.
 */
export function weightsInMemory(
  report: EngineReport | null,
  log: EngineLogFacts | null,
  { tensor_parallel_size: tp, pipeline_parallel_size: pp }: Parallel,
): number | null {
  if (report?.weights != null) return report.weights.bytes;
  const bytes = (log?.weights ?? []).map(({ value }) => value.gib * GIB);
  const [first] = bytes;
  if (first === undefined || tp === null || pp === null) return null;
  if (bytes.length === tp * pp) return bytes.reduce((sum, part) => sum + part, 0);
  return bytes.length === 1 && pp === 1 ? first * tp : null;
}

const UNKNOWN: Parallel = { tensor_parallel_size: null, pipeline_parallel_size: null };

type Found = Pick<RanPrecision, 'label' | 'told_by'>;

function fromWorkers(
  precision: Precision | null,
  report: EngineReport | null,
  log: EngineLogFacts | null,
  gemm: readonly string[],
): Found | null {
  const methods = Object.keys(report?.weights?.methods ?? {});
  if (report === null || methods.length === 0) return null;
  const quantized = methods.filter((name) => !name.startsWith('Unquantized'));
  if (quantized.length === 0) return plain(report, 'engine report');
  const told_by: Found['told_by'] = gemm.length === 0 ? ['engine report'] : ['engine report', 'engine log'];
  const dtypes = Object.keys(report.weights?.by_dtype ?? {});
  const words = [...quantized, ...gemm, report.quantization ?? '', ...dtypes].join(' ');
  // The method's own name first; kernels and dtypes are for methods whose name says nothing (ModelOptLinearMethod).
  const format = formatIn(quantized.join(' '), precision) ?? formatIn(words, precision);
  if (format === null) return null;
  return { label: labelOf(format, [...quantized, ...gemm], report.device_type, log !== null), told_by };
}

function fromLog(
  precision: Precision | null,
  report: EngineReport | null,
  log: EngineLogFacts | null,
  gemm: readonly string[],
  size: ModelSize | null,
): Found | null {
  const told = report?.quantization ?? null;
  if (log?.quantized_layers?.value === 0) return report === null ? null : plain(report, 'engine log');
  const format = formatIn(gemm.join(' '), precision);
  if (format !== null)
    return { label: labelOf(format, gemm, report?.device_type ?? null, true), told_by: ['engine log'] };
  if (report === null) return null;
  if (told === null) return report.dtype === null ? null : plain(report, 'engine report');
  // A TPU's plugin runs what it takes, weight-only where the chip has no such format, or refuses it.
  const named = formatIn(told, precision);
  if (report.device_type === 'tpu' && named !== null)
    return { label: labelOf(named, [], 'tpu', false), told_by: ['engine report'] };
  const bytes = weightsInMemory(null, log, report);
  if (named === null || bytes === null || size === null || bytes > 1.5 * size.parameters) return null;
  return { label: named, told_by: ['engine report', 'engine log'] };
}

function plain({ dtype }: EngineReport, by: Found['told_by'][number]): Found | null {
  const label = { bfloat16: 'BF16', float16: 'FP16', float32: 'FP32' }[dtype ?? ''];
  return label === undefined ? null : { label, told_by: by === 'engine log' ? ['engine report', by] : [by] };
}

/** Number format of the weights in names of classes, kernels and dtypes of vLLM's. */
function formatIn(words: string, precision: Precision | null): string | null {
  if (/mx_?fp4|ocp_mx/i.test(words)) return 'MXFP4';
  if (/nv_?fp4|W4A\d+Fp4|modelopt_fp4/i.test(words)) return 'NVFP4';
  if (/mx_?fp8/i.test(words)) return 'MXFP8';
  if (/W4A8|W4A16/.test(words)) return 'INT4';
  if (/fp8|float8/i.test(words)) return 'FP8';
  if (/wna16|awq|gptq|int4/i.test(words))
    return precision?.by === 'checkpoint' && precision.weights === 'int8' ? 'INT8' : 'INT4';
  return /int8/i.test(words) ? 'INT8' : null;
}

/** `FP8 W8A8`: bits of weights and activations, as far as names of methods and kernels tell. */
function labelOf(format: string, names: readonly string[], device: string | null, logSeen: boolean): string {
  const bits = format.endsWith('4') ? 4 : 8;
  const words = names.join(' ');
  if (/emulation/i.test(words)) return `${format} W${bits}A16 (emulated)`;
  const activations = activationBits(format, words, device, logSeen);
  return activations === null ? format : `${format} W${bits}A${activations}`;
}

function activationBits(format: string, words: string, device: string | null, logSeen: boolean): number | null {
  // Marlin, and integers packed for it, multiply in 16 bits; so do these two kernels of vLLM's for CPUs.
  if (/marlin|weight-only|WNA16|awq|gptq|Int8Online|ExpertsInt8|CPUFp8(?:Block|PerTensor)/i.test(words)) return 16;
  const told = /W\dA(?<bits>\d{1,2})/i.exec(words)?.groups?.['bits'];
  if (told !== undefined) return Number(told);
  if (format === 'FP8' || format === 'MXFP8' || format === 'INT8') {
    // Where a kernel for 8 bits is missing, vLLM's log says that Marlin takes its place.
    return /ScaledMM/i.test(words) || (logSeen && /Fp8|MxFp8/i.test(words)) ? 8 : null;
  }
  if (device === 'tpu') return 16;
  if (!/Kernel|MoE|GEMM/.test(words) || /(?:LinearMethod|MoEMethod)$/.test(words)) return null;
  if (/_BF16\b|\bBF16\b/.test(words)) return 16;
  return /MXFP8/i.test(words) ? 8 : 4;
}
