import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BEGIN, END, withTable } from '../../scripts/pages/vllm-versions/document.ts';
import { recordedCapabilities } from '../../scripts/pages/vllm-versions/recorded.ts';
import { REPOSITORY } from './temporary.ts';

const DOCUMENT = readFileSync(join(REPOSITORY, 'docs', 'vllm-versions.md'), 'utf8');
const RECORDED = recordedCapabilities();

/** The cells of one version's row, after its number. */
function row(version: string, document = DOCUMENT): string[] {
  const line = document.split('\n').find((one) => one.startsWith(`| ${version} |`));
  return line?.split(' | ').slice(1) ?? [];
}

describe('docs/vllm-versions.md', () => {
  test('is what the recorded capabilities give; else run: npm run pages', () => {
    expect(DOCUMENT).toBe(withTable(DOCUMENT, RECORDED));
  });

  test('has a row for each recorded version, and each cell says how it is known', () => {
    for (const { vllm_version } of RECORDED) {
      const cells = row(vllm_version);
      expect(cells).toHaveLength(8);
      for (const cell of cells) expect(cell).toMatch(/\((?:\*\*ran\*\*|read|inferred)\)/);
    }
  });

  test('says of three versions that they ran', () => {
    const versions = RECORDED.map(({ vllm_version }) => vllm_version);
    expect(versions.filter((version) => row(version).join('').includes('**ran**'))).toEqual([
      '0.27.1',
      '0.29.0',
      '0.32.0',
    ]);
  });

  // Each from the release's own source, where its neighbour differs.
  test.each([
    ['0.13.0', 0, '`--input-len`'],
    ['0.14.0', 0, '`--random-input-len`'],
    ['0.21.0', 1, 'no'],
    ['0.22.0', 1, 'yes'],
    ['0.11.0.post2', 2, 'no'],
    ['0.11.1', 2, 'yes'],
    ['0.30.0', 3, '`fp8`, '],
    ['0.31.0', 3, '`fp8` deprecated, `fp8_per_tensor`'],
    ['0.9.2', 4, 'none'],
    ['0.24.0', 4, '`mxfp4`: nothing'],
    ['0.26.0', 4, '`nvfp4_per_token`: experts; `mxfp4`: nothing'],
    ['0.28.0', 4, '`mxfp4`: linear and experts'],
    ['0.10.2', 5, '+`fp8_inc` ('],
    ['0.13.0', 6, '+`startup` ('],
    ['0.11.2', 7, 'None'],
    ['0.12.0', 7, 'True or False'],
  ])('%s, column %i: %s', (version, column, text) => {
    expect(row(version)[column]?.startsWith(text), row(version)[column]).toBe(true);
  });

  test('another capability is another document', () => {
    const changed = RECORDED.map((one) => (one.vllm_version === '0.13.0' ? { ...one, num_warmups: true } : one));
    expect(row('0.13.0', withTable(DOCUMENT, changed))[1]).toBe('yes (read)');
    const gone = RECORDED.map((one) => (one.vllm_version === '0.32.0' ? { ...one, bench: ['throughput'] } : one));
    expect(row('0.32.0', withTable(DOCUMENT, gone))[6]).toContain('-`latency`');
  });

  test('without the lines around the table nothing is written', () => {
    expect(() => withTable(DOCUMENT.replace(BEGIN, ''), RECORDED)).toThrow('has no lines');
    expect(() => withTable(DOCUMENT.replace(END, ''), RECORDED)).toThrow('has no lines');
  });
});
