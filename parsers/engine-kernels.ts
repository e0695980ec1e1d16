import type { Line } from '../src/schema/evidence.ts';

// (Worker pid=9) INFO ... [__init__.py:1028] Using MarlinMxFp4LinearKernel for MXFP4 GEMM           (0.20 and later)
// (Worker pid=9) INFO ... [__init__.py:758] Selected CutlassFP8ScaledMMLinearKernel for Fp8LinearMethod
// (Worker pid=9) INFO ... [auto_awq.py:451] Using CPUWNA16LinearKernel for AutoAWQMarlinLinearMethod
const kernelFor =
  /\] (?:Using|Selected) (?<kernel>'?[\w.-]{1,100}'? for (?:[\w-]{1,40} (?:GEMM|MoE|linear)|\w{0,60}(?:Method|CompressedTensors|Quark|ModelOpt)\w{0,60}))/;
// INFO ... [cuda.py:507] Using FLASH_ATTN attention backend out of potential backends: ...
// INFO ... [mxfp4.py:499] Using 'MARLIN' Mxfp4 MoE backend.      INFO ... [fp8.py:159] Using Marlin backend for FP8 MoE
const backend =
  /\] Using (?<kernel>(?!.{0,60}\b(?:KV cache|vi[tT]|V[iI]T|Transformers)\b)[\w'. /-]{1,60}? backend\b(?: for FP\d MoE)?)/;
// WARNING ... [marlin_utils_fp4.py:341] Your GPU does not have native support for FP4 computation but FP4 quantization is
// being used. Weight-only FP4 compression will be used leveraging the Marlin kernel.
const weightOnly = /\bWeight-only (?<format>FP[48]) compression\b/;

/** The kernel or back end that a line of vLLM's log says it uses, in its own words; null when it names none. */
export function kernelIn({ text }: Line): string | null {
  const weights = text.includes('Weight-only') ? weightOnly.exec(text)?.groups?.['format'] : undefined;
  if (weights !== undefined) return `weight-only ${weights} by Marlin`;
  if (!text.includes('] Using ') && !text.includes('] Selected ')) return null;
  return (kernelFor.exec(text) ?? backend.exec(text))?.groups?.['kernel'] ?? null;
}
