import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** The format itself allows no longer header: MAX_HEADER_SIZE of the safetensors library. */
const LONGEST_HEADER_BYTES = 100_000_000;
const LENGTH_BYTES = 8;

/** Bits of an element, for the types that the format knows. */
const BITS: Readonly<Record<string, number>> = {
  ...{ F64: 64, I64: 64, U64: 64, C64: 64, F32: 32, I32: 32, U32: 32, F16: 16, BF16: 16, I16: 16, U16: 16 },
  ...{ F8_E4M3: 8, F8_E5M2: 8, F8_E4M3FNUZ: 8, F8_E5M2FNUZ: 8, F8_E8M0: 8, I8: 8, U8: 8, BOOL: 8 },
  ...{ F6_E2M3: 6, F6_E3M2: 6, F4: 4 },
};

export interface StoredTensor {
  readonly name: string;
  readonly elements: number;
  readonly bytes: number;
}

/** What the header of a safetensors file says, or why it cannot be believed: one clause without the file's name. */
export type Header =
  | { readonly kind: 'read'; readonly tensors: readonly StoredTensor[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

/** Reads the header of a safetensors file and holds it against the file's size; the data is never read. */
export function readHeader(path: string): Header {
  let file: number;
  try {
    // To open a named pipe would wait for ever.
    if (!statSync(path).isFile()) return unreadable('cannot be read: it is no file');
    file = openSync(path, 'r');
  } catch (error) {
    return unreadable(`cannot be opened (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  }
  try {
    return headerOf(file, fstatSync(file).size);
  } catch (error) {
    return unreadable(`cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`);
  } finally {
    closeSync(file);
  }
}

function headerOf(file: number, size: number): Header {
  if (size < LENGTH_BYTES) return unreadable(`is truncated: ${size} bytes are no header`);
  const length = Number(bytesAt(file, 0, LENGTH_BYTES).readBigUInt64LE());
  if (length > LONGEST_HEADER_BYTES)
    return unreadable(`is no safetensors file: its header would be ${length} bytes long`);
  if (LENGTH_BYTES + length > size) return unreadable(`is truncated: it ends within its header`);
  const tensors = parseHeader(bytesAt(file, LENGTH_BYTES, length).toString('utf8'));
  if (typeof tensors === 'string') return unreadable(tensors);
  const expected = LENGTH_BYTES + length + tensors.reduce((end, tensor) => Math.max(end, tensor.end), 0);
  if (size < expected) return unreadable(`is truncated: ${size} bytes, and its header calls for ${expected}`);
  if (size > expected) return unreadable(`is damaged: ${size} bytes, and its header calls for ${expected}`);
  return { kind: 'read', tensors };
}

function bytesAt(file: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  const read = readSync(file, buffer, 0, length, position);
  return buffer.subarray(0, read);
}

/** The tensors of a header; a string says what is wrong with it. */
function parseHeader(text: string): readonly (StoredTensor & { readonly end: number })[] | string {
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    return 'is damaged: its header is no JSON';
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header))
    return 'is damaged: its header is no object';
  const tensors: (StoredTensor & { readonly end: number })[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const tensor = storedTensor(name, entry);
    if (tensor === null) return `is damaged: its header does not say what ${name} is`;
    tensors.push(tensor);
  }
  return tensors;
}

function storedTensor(name: string, entry: unknown): (StoredTensor & { readonly end: number }) | null {
  if (typeof entry !== 'object' || entry === null) return null;
  const { dtype, shape, data_offsets: offsets } = entry as Record<string, unknown>;
  if (!isCounts(shape) || !isCounts(offsets) || offsets.length !== 2) return null;
  const [start = 0, end = 0] = offsets;
  const elements = shape.reduce((product, side) => product * side, 1);
  const bits = typeof dtype === 'string' ? BITS[dtype] : undefined;
  if (end < start || (bits !== undefined && (elements * bits) / 8 !== end - start)) return null;
  return { name, elements, bytes: end - start, end };
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function unreadable(reason: string): Header {
  return { kind: 'unreadable', reason };
}
