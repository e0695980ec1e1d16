import { readdirSync } from 'node:fs';
import { modelParts } from '../../physics/model/model-parts.ts';
import { modelSize } from '../../physics/model-size.ts';
import type { ModelSize } from '../../schema/model-size.ts';
import type { CheckpointQuantization } from '../../schema/precision.ts';
import { languageTensors } from './language-tensors.ts';
import { missingTensors } from './missing-tensors.ts';
import { tokenizerProblem } from './problem.ts';
import { unquantizedWeights } from './unquantized-weights.ts';
import { readWeights } from './weights.ts';

/** Any of these is a tokenizer that vLLM can load, or the main part of one. */
const TOKENIZERS = [
  /^tokenizer\.(?:json|model)/,
  /^(?:vocab|tekken)\.(?:json|txt)$/,
  /tiktoken/,
  /\.model$/,
  /^tekken\.json$/,
];
/** Beyond this share, config.json describes another model than the one that lies there. */
const MOST_APART = 0.02;

/** Size of a checkpoint and what is wrong with its files. */
export interface Soundness {
  readonly size: ModelSize | null;
  readonly weight_bytes: number | null;
  readonly problems: readonly string[];
}

/**
 * Holds the files of a checkpoint against its config.json. `fetched`: what is missing will be downloaded, so it is no
 * problem. The size is that of config.json; of a checkpoint that is not quantized it is given up, without a problem,
 * when the headers count over 2 % more or fewer parameters: then config.json leaves something out that this program
 * does not know.
 */
export function soundness(
  directory: string,
  config: unknown,
  { fetched, quantization }: { readonly fetched: boolean; readonly quantization: CheckpointQuantization | null },
): Soundness {
  const size = modelSize(config);
  const parts = modelParts(config);
  const { tensors, problems } = readWeights(directory, { fetched });
  const stored = tensors === null || parts === null ? null : languageTensors(tensors, parts);
  const counted = stored?.tensors.reduce((sum, { elements }) => sum + elements, 0) ?? null;
  const missing =
    parts === null || stored === null || problems.length > 0 ? [] : missingTensors(parts, stored, directory);
  const plain =
    quantization === null || parts === null || stored === null ? [] : unquantizedWeights(quantization, parts, stored);
  // Tensors that are missing are a reason to be apart that has been told.
  const compared = quantization === null && missing.length === 0 && problems.length === 0 ? counted : null;
  return {
    size: size !== null && compared !== null && isApart(compared, size.parameters) ? null : size,
    weight_bytes: tensors?.reduce((sum, { bytes }) => sum + bytes, 0) ?? null,
    problems: [...problems, ...missing, ...plain, ...(fetched ? [] : tokenizerProblems(directory))],
  };
}

function isApart(counted: number, expected: number): boolean {
  return Math.abs(counted - expected) > MOST_APART * expected;
}

function tokenizerProblems(directory: string): readonly string[] {
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch {
    return [];
  }
  if (names.some((name) => TOKENIZERS.some((pattern) => pattern.test(name)))) return [];
  return [tokenizerProblem(`there is no tokenizer.json, tokenizer.model or another one in ${directory}`)];
}
