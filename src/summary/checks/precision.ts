import { flagValue } from '../../config/flag-value.ts';
import type { LoadedWeights } from '../../schema/engine.ts';
import { NUMBER_FORMATS, type NumberFormat } from '../../schema/precision.ts';
import type { Asked, Check, Measured } from '../check.ts';
import { weightsInMemory } from '../ran-precision.ts';

const GIB = 2 ** 30;

/** Whether the weights were computed with in the precision that was asked for. */
export const PRECISION_CHECKS: readonly Check[] = [
  {
    id: 'quantization',
    compares: "the engine's quantization method with --quantization, or with the one of the checkpoint's config.json",
    tolerance:
      'a flag: the same name; a checkpoint: any method, since vLLM picks one that can read it; none: none, where its ' +
      'config.json was read',
    stands_for: 'a flag that was dropped, or a quantized checkpoint that ran as a plain one',
    wrong: wrongMethod,
  },
  {
    id: 'weights-not-quantized',
    compares: 'the quantization method of each linear layer, or `Quantizing N layers`, with a quantized precision',
    tolerance: 'at least one layer is quantized',
    stands_for: '`--quantization nvfp4_per_token` on a dense model with vLLM 0.32: ran in BF16, exit code 0',
    wrong: ({ precision }, { engine, log }) => {
      if (precision.by === 'nobody') return null;
      if (noneQuantized(engine?.weights ?? null)) return `every linear layer is unquantized${flagOf(precision.flag)}`;
      if (precision.by === 'engine' && log?.quantized_layers?.value === 0)
        return `vLLM says that it quantized 0 layers${flagOf(precision.flag)}`;
      return null;
    },
  },
  {
    id: 'weights-memory',
    compares: 'bytes of the weights in memory with what the precision leaves of them',
    tolerance: 'half of the saving over 16 bits must be there: scales and layers that stay as they are take their part',
    stands_for: '`--quantization mxfp4` on a dense model: accepted from vLLM 0.12 to 0.27, and all weights in BF16',
    wrong: tooManyBytes,
  },
  {
    id: 'dtype',
    compares:
      "--dtype in args, else the planned precision of a checkpoint that nobody quantizes, with the engine's dtype",
    tolerance: 'equal; half is float16, float is float32; auto is the planned precision, where config.json tells it',
    stands_for: 'a dtype that the device does not have: vLLM casts BF16 to FP16 on a T4 with a warning',
    wrong: ({ engine: { extra_args }, precision }, { engine }) => {
      const asked = dtypeAsked(extra_args);
      const wanted = asked ?? (precision.by === 'nobody' ? (DTYPES[precision.weights] ?? null) : null);
      const told = engine?.dtype ?? null;
      if (wanted === null || told === null || wanted === told) return null;
      return `dtype is ${told}, ${asked === null ? 'planned was' : 'asked for'} ${wanted}`;
    },
  },
];

function flagOf(flag: string | null): string {
  return flag === null ? '' : `, whatever --quantization ${flag} says`;
}

function noneQuantized(weights: LoadedWeights | null): boolean {
  const methods = Object.keys(weights?.methods ?? {});
  return methods.length > 0 && methods.every((name) => name.startsWith('Unquantized'));
}

function wrongMethod({ precision, checkpoint }: Asked, { engine }: Measured): string | null {
  if (engine === null || tellsNothing(engine)) return null;
  const told = engine.quantization;
  if (precision.by === 'nobody') {
    // A Hugging Face id whose config.json was not here to be read may well be quantized.
    if (told === null || checkpoint?.config_sha256 == null) return null;
    return `the engine runs with ${told}; nothing was asked for`;
  }
  const wanted = precision.flag ?? checkpoint?.quantization?.method ?? 'that of the checkpoint';
  if (told !== null && (precision.by === 'checkpoint' || told === precision.flag)) return null;
  return `the engine's quantization is ${told ?? 'none'}, asked for ${wanted}`;
}

/** An engine that says nothing of its model: null is then no answer. */
function tellsNothing(engine: NonNullable<Measured['engine']>): boolean {
  return engine.dtype === null && engine.model === null;
}

function tooManyBytes({ precision, checkpoint, engine: asked }: Asked, { engine, log }: Measured): string | null {
  const size = checkpoint?.size ?? null;
  const bits = NUMBER_FORMATS[precision.weights];
  const measured = weightsInMemory(engine, log, asked);
  if (precision.reaches === 'none' || size === null || bits === null || measured === null) return null;
  const reached = {
    linear: size.linear_parameters - size.expert_parameters,
    experts: size.expert_parameters,
    all: size.linear_parameters,
  }[precision.reaches];
  const saving = (reached * (16 - bits)) / 8;
  const plain = bytesIn16Bits(checkpoint, engine?.dtype ?? null) ?? 2 * size.parameters;
  const small = (precision.by === 'checkpoint' ? checkpoint?.weight_bytes : null) ?? plain - saving;
  if (saving <= 0 || measured <= small + saving / 2) return null;
  return `the weights take ${gib(measured)} GiB; in ${precision.weights} they would take about ${gib(small)}, in 16 bits ${gib(small + saving)}`;
}

/**
 * Its files say more than a count of parameters: a vision tower, say, is in them. vLLM loads float32 in 16 bits unless
 * told otherwise; config.json may say float32, as it does when it says nothing, of files that are not.
 */
function bytesIn16Bits(checkpoint: Asked['checkpoint'], dtype: string | null): number | null {
  const stored = checkpoint?.weight_bytes ?? null;
  if (stored === null || checkpoint?.size == null) return stored;
  const isFloat32 = (checkpoint.dtype ?? 'float32') === 'float32' && stored > 3 * checkpoint.size.parameters;
  return isFloat32 && dtype !== 'float32' ? stored / 2 : stored;
}

function gib(bytes: number): string {
  return (bytes / GIB).toPrecision(3);
}

const DTYPES: Partial<Record<NumberFormat, string>> = { fp32: 'float32', fp16: 'float16', bf16: 'bfloat16' };

function dtypeAsked(args: readonly string[]): string | null {
  const value = flagValue(args, '--dtype');
  if (value === null || value === 'auto') return null;
  return { half: 'float16', float: 'float32' }[value] ?? value;
}
