import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { emptyFolder } from '../journal/folder.ts';

/** As in order.test.ts: what counts in a power cut is the order in which the kernel is asked. */
const calls: string[] = [];
let underWay = 0;
let mostUnderWay = 0;
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  return {
    ...fs,
    open: async (path: string, flags: string) => {
      const file = await fs.open(path, flags);
      underWay += 1;
      mostUnderWay = Math.max(mostUnderWay, underWay);
      const name = basename(path).replace(/^\..*\.partial$/, 'PARTIAL');
      return {
        writeFile: (content: string) => {
          calls.push(`write ${name} ${content}`);
          return file.writeFile(content);
        },
        sync: () => {
          calls.push(`fsync ${name}`);
          return file.sync();
        },
        close: () => {
          underWay -= 1;
          return file.close();
        },
      };
    },
    rename: (from: string, to: string) => {
      calls.push(`rename ${basename(to)}`);
      return fs.rename(from, to);
    },
  };
});

const { writeManyFiles } = await import('../../src/sinks/many-files.ts');

beforeEach(() => {
  calls.length = 0;
  mostUnderWay = 0;
});

const numbered = (count: number) => Array.from({ length: count }, (_, i) => ({ path: `r/${i}.json`, content: `${i}` }));

describe('many files', () => {
  test('one of them is flushed before it gets its name, and its folder after', async () => {
    const folder = emptyFolder();
    await writeManyFiles(folder, numbered(1));
    expect(calls).toEqual(['write PARTIAL 0', 'fsync PARTIAL', 'rename 0.json', 'fsync r']);
  });

  test('are all there, no more than a few at a time, and the folder is flushed once, at the end', async () => {
    const folder = emptyFolder();
    await writeManyFiles(folder, numbered(50));
    expect(readdirSync(join(folder, 'r'))).toHaveLength(50);
    expect(readFileSync(join(folder, 'r', '49.json'), 'utf8')).toBe('49');
    expect(calls.filter((call) => call === 'fsync r')).toHaveLength(1);
    expect(calls.at(-1)).toBe('fsync r');
    expect(mostUnderWay).toBeLessThanOrEqual(3);
  });

  test('nothing half is left where one cannot be written, and that is told', async () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'r', '1.json', 'in the way'), { recursive: true });
    await expect(writeManyFiles(folder, numbered(4))).rejects.toThrow(/EISDIR|ENOTEMPTY|EEXIST/);
    expect(readdirSync(join(folder, 'r')).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  test('none is written outside of the directory', async () => {
    const around = emptyFolder();
    mkdirSync(join(around, 'out'));
    await expect(writeManyFiles(join(around, 'out'), [{ path: '../evil', content: 'x' }])).rejects.toThrow(RangeError);
    expect(readdirSync(around)).toEqual(['out']);
  });
});
