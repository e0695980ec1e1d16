import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './temporary.ts';

export type Shapes = Readonly<Record<string, readonly number[]>>;

/** A model of fixtures/models/small: what transformers saved, and how many parameters torch counted. */
export interface SmallModel {
  readonly config: Readonly<Record<string, unknown>> & { readonly model_type: string };
  readonly parameters: number;
  readonly tensors: Shapes;
}

export const SMALL_MODELS: readonly SmallModel[] = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../fixtures/models/small/counted.json'), 'utf8'),
).models;

export function smallModel(type: string): SmallModel {
  const model = SMALL_MODELS.find(({ config }) => config.model_type === type);
  if (model === undefined) throw new Error(`there is no small ${type}`);
  return model;
}

/** The bytes of a safetensors file before its data, and how long the data is; BF16. */
export function header(shapes: Shapes): { readonly start: Buffer; readonly dataBytes: number } {
  let end = 0;
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const begin = end;
    end += 2 * shape.reduce((product, side) => product * side, 1);
    return [name, { dtype: 'BF16', shape, data_offsets: [begin, end] }];
  });
  const text = Buffer.from(JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return { start: Buffer.concat([length, text]), dataBytes: end };
}

/** A file with a true header and the right size, whose data is a hole. */
export function writeSafetensors(path: string, shapes: Shapes): number {
  const { start, dataBytes } = header(shapes);
  const file = openSync(path, 'w');
  writeSync(file, start);
  ftruncateSync(file, start.length + dataBytes);
  closeSync(file);
  return start.length + dataBytes;
}

/** Deals the tensors out to so many files, as a large checkpoint has them, and writes the index. */
export function writeShards(directory: string, shapes: Shapes, count: number): Readonly<Record<string, string>> {
  const held = Map.groupBy(Object.keys(shapes).entries(), ([place]) => place % count);
  const weight_map: Record<string, string> = {};
  for (const [part, names] of held) {
    const file = `model-${pad(part + 1)}-of-${pad(count)}.safetensors`;
    writeSafetensors(join(directory, file), Object.fromEntries(names.map(([, name]) => [name, shapes[name] ?? []])));
    for (const [, name] of names) weight_map[name] = file;
  }
  writeFileSync(join(directory, 'model.safetensors.index.json'), JSON.stringify({ metadata: {}, weight_map }));
  return weight_map;
}

function pad(part: number): string {
  return String(part).padStart(5, '0');
}

/** A checkpoint of its own: config.json, a tokenizer and one file of weights. */
export function writeCheckpoint(
  config: Readonly<Record<string, unknown>>,
  shapes: Shapes | null,
  tokenizer = true,
): string {
  const directory = join(temporaryDirectory(), 'model');
  mkdirSync(directory);
  writeFileSync(join(directory, 'config.json'), JSON.stringify(config));
  if (tokenizer) writeFileSync(join(directory, 'tokenizer.json'), '{}');
  if (shapes !== null) writeSafetensors(join(directory, 'model.safetensors'), shapes);
  return directory;
}
