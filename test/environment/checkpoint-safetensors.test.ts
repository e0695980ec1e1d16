import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readHeader } from '../../src/environment/checkpoint/safetensors.ts';
import { checkpointFacts } from '../../src/environment/checkpoint.ts';
import { smallModel, writeCheckpoint, writeSafetensors } from './checkpoint-files.ts';
import { temporaryDirectory } from './temporary.ts';

const LLAMA = smallModel('llama');

describe('a safetensors file', () => {
  function changedFile(change: (path: string, size: number) => void): string {
    const directory = writeCheckpoint(LLAMA.config, null);
    const path = join(directory, 'model.safetensors');
    change(path, writeSafetensors(path, LLAMA.tensors));
    const { problems, weight_bytes } = checkpointFacts(directory, { cwd: '/', env: {}, builtin: () => null });
    expect(problems).toHaveLength(1);
    expect(weight_bytes).toBeNull();
    expect(problems[0]).toContain(`weights: ${path} is `);
    return (problems[0] ?? '').slice(`weights: ${path} `.length);
  }

  test('that is a byte short, or long', () => {
    expect(changedFile((path, size) => truncateSync(path, size - 1))).toMatch(
      /^is truncated: \d+ bytes, and its header/,
    );
    expect(changedFile((path, size) => truncateSync(path, size + 1))).toMatch(/^is damaged: \d+ bytes, and its header/);
  });

  test('that ends in its header, or before', () => {
    expect(changedFile((path) => truncateSync(path, 100))).toBe('is truncated: it ends within its header');
    expect(changedFile((path) => truncateSync(path, 3))).toBe('is truncated: 3 bytes are no header');
    expect(changedFile((path) => truncateSync(path, 0))).toBe('is truncated: 0 bytes are no header');
  });

  test('with garbage for a header', () => {
    expect(changedFile((path) => writeFileSync(path, 'version https://git-lfs.github.com/spec/v1\n'))).toMatch(
      /^is no safetensors file: its header would be \d+ bytes long$/,
    );
    expect(changedFile((path, size) => writeFileSync(path, Buffer.alloc(size)))).toBe(
      'is damaged: its header is no JSON',
    );
  });

  test('whose header contradicts itself', () => {
    const swap = (from: string, to: string) => (path: string) => {
      const text = readFileSync(path).toString('latin1');
      writeFileSync(path, text.replace(from, to), 'latin1');
    };
    expect(changedFile(swap('"BF16"', '"F32" '))).toMatch(
      /^is damaged: its header does not say what model\.embed_tokens/,
    );
    expect(changedFile(swap('"shape":[96,48]', '"shape":[96,-8]'))).toMatch(
      /^is damaged: its header does not say what/,
    );
  });

  test('of any bytes is read or refused, never thrown at', () => {
    const path = join(temporaryDirectory(), 'any.safetensors');
    fc.assert(
      fc.property(fc.json(), fc.nat({ max: 40 }), fc.uint8Array({ maxLength: 40 }), (json, length, rest) => {
        const start = Buffer.alloc(8);
        start.writeBigUInt64LE(BigInt(length % 2 === 0 ? Buffer.byteLength(json) : length));
        writeFileSync(path, Buffer.concat([start, Buffer.from(json), rest]));
        expect(['read', 'unreadable']).toContain(readHeader(path).kind);
      }),
      { numRuns: 100 },
    );
  });
});

test('a file that cannot be opened is a problem, not an exception', () => {
  expect(readHeader('/nowhere/model.safetensors')).toEqual({ kind: 'unreadable', reason: 'cannot be opened (ENOENT)' });
  const directory = temporaryDirectory();
  expect(readHeader(directory)).toMatchObject({
    kind: 'unreadable',
    reason: expect.stringContaining('cannot be read'),
  });
});
