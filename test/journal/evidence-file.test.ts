import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { linesOf } from '../../parsers/evidence.ts';
import { linesOfFile } from '../../src/journal/evidence-file.ts';
import { emptyFolder } from './folder.ts';

function fileOf(content: string | Uint8Array): string {
  const path = join(emptyFolder(), 'stdout.log');
  writeFileSync(path, content);
  return path;
}

/** Lines as they are defined: they end with \n or \r\n, and the last may end with the file. */
function split(text: string): { text: string; number: number }[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines.map((line, index) => ({ text: line.replace(/\r$/, ''), number: index + 1 }));
}

const CHUNK = 256 * 1024;
const CAP = 64 * 1024;

describe('the lines of a file', () => {
  test('are those of its text, with their numbers', () => {
    const piece = fc.constantFrom('a', 'é', '😀', '\n', '\n', '\r\n', 'Throughput: 1', ' ');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
        const text = pieces.join('');
        expect([...linesOfFile(fileOf(text))]).toEqual(split(text));
      }),
    );
  });

  test('are those of its text around the end of a read', () => {
    const line = fc.constantFrom('x', 'é', '😀', 'ab\r', '').map((text) => `${text}\n`);
    fc.assert(
      fc.property(
        fc.integer({ min: CHUNK - 12, max: CHUNK + 4 }),
        fc.array(line, { maxLength: 20 }),
        (before, lines) => {
          // Lines of 1000 bytes up to a few bytes before the end of the first read
          const filler = `${'f'.repeat(999)}\n`.repeat(Math.floor(before / 1000)) + 'g'.repeat(before % 1000);
          const text = `${filler}${lines.join('')}`;
          expect([...linesOfFile(fileOf(text))]).toEqual(split(text));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('are those that the parsers get from a text in memory', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '\n', '\r\n', '\r', 'é'), { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        expect([...linesOfFile(fileOf(text))]).toEqual([...linesOf(text)]);
      }),
    );
  });

  test('can be walked more than once, and left in the middle', () => {
    const lines = linesOfFile(fileOf('a\nb\nc\n'));
    for (const line of lines) if (line.number === 2) break;
    expect([...lines].map(({ text }) => text)).toEqual(['a', 'b', 'c']);
    expect([...lines]).toHaveLength(3);
  });

  test('of an empty file are none', () => {
    expect([...linesOfFile(fileOf(''))]).toEqual([]);
  });
});

describe('a line longer than any that is looked for', () => {
  const long = 'x'.repeat(10 * CHUNK);

  test('is cut, and the lines after it keep their numbers', () => {
    const [first, ...rest] = [...linesOfFile(fileOf(`before\n${long}\nafter\n${long}\nlast`))].slice(1);
    expect(first?.number).toBe(2);
    expect(first?.text.slice(0, CAP)).toBe('x'.repeat(CAP));
    // The rest says that it was cut, and is short.
    expect(first?.text.length).toBeLessThan(CAP + 100);
    expect(rest.map(({ number, text }) => [number, text.slice(0, 5)])).toEqual([
      [3, 'after'],
      [4, 'xxxxx'],
      [5, 'last'],
    ]);
  });

  test('without an end is one line', () => {
    expect([...linesOfFile(fileOf(long))].map(({ number }) => number)).toEqual([1]);
  });

  // 100,000 characters: whole when they lie inside one read of the file, cut when 70,000 of them do.
  test('is cut at the same length wherever in the file it lies', () => {
    const line = 'y'.repeat(100_000);
    const textAfter = (before: number) =>
      [...linesOfFile(fileOf(`${'\n'.repeat(before)}${line}\n`))].at(-1)?.text.slice(0, CAP + 1);
    expect(textAfter(CHUNK - 70_000)).toBe(textAfter(1));
  });
});

describe('a file larger than memory', () => {
  /** Counts the lines of a file in a Node with a heap of 32 MB. */
  function countInSmallHeap(path: string): string {
    const module = new URL('../../src/journal/evidence-file.ts', import.meta.url).href;
    const program = `import { linesOfFile } from ${JSON.stringify(module)};
      let lines = 0; for (const line of linesOfFile(process.argv[1])) lines = line.number; console.log(lines);`;
    const types = process.features.typescript ? [] : ['--experimental-strip-types'];
    const args = [...types, '--max-old-space-size=32', '--input-type=module', '-e', program, path];
    return execFileSync(process.execPath, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();
  }

  test('is read line by line in a small heap', () => {
    const line = `${'INFO 11-22 some line of a log, as vLLM writes them; '.repeat(2)}\n`;
    const count = Math.ceil((100 * 2 ** 20) / line.length);
    expect(countInSmallHeap(fileOf(line.repeat(count)))).toBe(String(count));
  });

  test('is read in a small heap even when it is one line', () => {
    const path = fileOf('');
    const file = openSync(path, 'r+');
    // Sparse: 200 MB of zeros that take no room on the disk
    ftruncateSync(file, 200 * 2 ** 20);
    closeSync(file);
    expect(countInSmallHeap(path)).toBe('1');
  });
});
