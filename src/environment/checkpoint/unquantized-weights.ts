import type { ModelParts } from '../../physics/model/parts.ts';
import { type CheckpointQuantization, NUMBER_FORMATS } from '../../schema/precision.ts';
import type { LanguageTensor, LanguageTensors } from './language-tensors.ts';
import { kindOf, moduleOf } from './missing-tensors.ts';
import { weightsProblem } from './problem.ts';

/** Bytes of an element of BF16 and FP16. */
const PLAIN_BYTES = 2;

/**
 * The weights of a checkpoint that config.json calls quantized and that nobody quantized: all linear layers are in 16
 * bits, and no scale is beside them. vLLM casts such weights to the smaller format without a scale, and says nothing.
 */
export function unquantizedWeights(
  { method, weights }: CheckpointQuantization,
  parts: ModelParts,
  stored: LanguageTensors,
): readonly string[] {
  if ((NUMBER_FORMATS[weights] ?? PLAIN_BYTES * 8) > 8) return [];
  const linear = new Set(
    parts.layers
      .flatMap(({ tensors }) => tensors)
      .flatMap(({ module, kind }) => (module === null || kind === 'other' ? [] : [module.replace('{expert}', '*')])),
  );
  const inLayers = stored.tensors.filter(({ layer, rest }) => layer !== null && !/\.bias$/.test(rest));
  const isScale = inLayers.some(({ rest }) => moduleOf(rest) === null);
  const found = inLayers.filter(({ rest }) => linear.has(kindOf(moduleOf(rest) ?? '')));
  const isPlain = ({ rest, elements, bytes }: LanguageTensor) =>
    /\.(?:weight|\w+_proj)$/.test(rest) && bytes === PLAIN_BYTES * elements;
  if (isScale || found.length === 0 || !found.every(isPlain)) return [];
  return [
    weightsProblem(
      `config.json says that they are quantized (${method}, ${weights}), and the files hold every linear layer in 16 ` +
        'bits without a scale',
    ),
  ];
}
