import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { few } from './few.ts';
import { weightsProblem } from './problem.ts';
import { readHeader, type StoredTensor } from './safetensors.ts';
import { readText } from './snapshot.ts';

const INDEX = 'model.safetensors.index.json';

/** What the weight files of a checkpoint hold, by their headers. */
export interface Weights {
  /** Null when there are no safetensors files here, or one of them cannot be read. */
  readonly tensors: readonly StoredTensor[] | null;
  readonly problems: readonly string[];
}

/**
 * Reads the headers of the safetensors files that vLLM would load: those that the index names, where there is one. A
 * file that is not here is a problem only when nobody will fetch it, so of a download that may go on it is none.
 */
export function readWeights(directory: string, { fetched }: { readonly fetched: boolean }): Weights {
  const names = namesIn(directory);
  if (names === null) return { tensors: null, problems: [] };
  const absent = (sentence: string) => (fetched ? [] : [weightsProblem(sentence)]);
  const index = names.includes(INDEX) ? readIndex(join(directory, INDEX)) : null;
  if (typeof index === 'string') return { tensors: null, problems: [weightsProblem(index)] };
  const files = index === null ? weightFiles(names) : [...new Set(index.values())];
  if (files.length === 0) {
    const other = names.some((name) => /\.(?:bin|pt|pth|gguf|tensors|npz)$/.test(name));
    return { tensors: null, problems: other ? [] : absent(`there are none in ${directory}`) };
  }
  const here = files.filter((file) => existsSync(join(directory, file)));
  const missing = [...files.filter((file) => !here.includes(file)), ...(index === null ? missingParts(files) : [])];
  const headers = here.map((file) => ({ file, header: readHeader(join(directory, file)) }));
  const problems = [
    ...few(
      missing.map((file) => `${file} is not in ${directory}${index === null ? '' : `; ${INDEX} names it`}`),
    ).flatMap(absent),
    ...headers.flatMap(({ file, header }) =>
      header.kind === 'unreadable' ? [weightsProblem(`${join(directory, file)} ${header.reason}`)] : [],
    ),
  ];
  if (problems.length > 0 || missing.length > 0) return { tensors: null, problems };
  const tensors = headers.flatMap(({ header }) => (header.kind === 'read' ? header.tensors : []));
  if (tensors.length === 0) return { tensors: null, problems: [weightsProblem(`the files in ${directory} are empty`)] };
  return { tensors, problems: index === null ? [] : notHeld(index, headers) };
}

function namesIn(directory: string): readonly string[] | null {
  try {
    return readdirSync(directory).toSorted();
  } catch {
    return null;
  }
}

/**
 * The index, tensor to file; a string says why it is none. Looked at by hand: a schema would take longer for the 90,000
 * names of a large model than reading all its headers.
 */
function readIndex(path: string): ReadonlyMap<string, string> | string {
  try {
    const entries = Object.entries(JSON.parse(readText(path) ?? '').weight_map);
    if (entries.every((entry): entry is [string, string] => typeof entry[1] === 'string')) return new Map(entries);
  } catch {
    // No JSON, or no object where one should be.
  }
  return `${path} is no index of tensors`;
}

/** A consolidated file is the same model once more, in the names of those who trained it. */
function weightFiles(names: readonly string[]): readonly string[] {
  const files = names.filter((name) => name.endsWith('.safetensors'));
  const rest = files.filter((name) => !name.startsWith('consolidated'));
  return rest.length > 0 ? rest : files;
}

/** `model-00002-of-00003.safetensors` tells of its fellows even without an index. */
function missingParts(files: readonly string[]): readonly string[] {
  return files.flatMap((file) => {
    const { stem = '', of = '' } = /^(?<stem>.*-)\d{5}-of-(?<of>\d{5})\.safetensors$/.exec(file)?.groups ?? {};
    if (of === '' || files.find((name) => name.startsWith(stem)) !== file) return [];
    const parts = Array.from(
      { length: Number(of) },
      (_, part) => `${stem}${String(part + 1).padStart(5, '0')}-of-${of}.safetensors`,
    );
    return parts.filter((part) => !files.includes(part));
  });
}

interface Read {
  readonly file: string;
  readonly header: ReturnType<typeof readHeader>;
}

function notHeld(index: ReadonlyMap<string, string>, headers: readonly Read[]): readonly string[] {
  const held = new Map(
    headers.map(({ file, header }) => [
      file,
      new Set(header.kind === 'read' ? header.tensors.map(({ name }) => name) : []),
    ]),
  );
  const gone = [...index].filter(([tensor, file]) => !held.get(file)?.has(tensor));
  return few(gone.map(([tensor, file]) => `${file} does not hold ${tensor}; ${INDEX} says that it does`)).map(
    weightsProblem,
  );
}
