import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { makeFolder, removePartials, writeAtomically, writeFiles } from '../../src/sinks/directory.ts';
import { emptyFolder } from '../journal/folder.ts';

const tree = (folder: string) => (readdirSync(folder, { recursive: true }) as string[]).toSorted();

describe('files of a report', () => {
  test('are written below the directory, with the folders that they need', () => {
    const folder = emptyFolder();
    const bytes = Uint8Array.from([0x89, 0x50, 0x00, 0xff]);
    const written = writeFiles(folder, [
      { path: 'summary_report.json', content: '[]\n' },
      { path: 'model/chart.png', content: bytes },
    ]);
    expect(written).toEqual([join(folder, 'summary_report.json'), join(folder, 'model/chart.png')]);
    expect(readFileSync(join(folder, 'summary_report.json'), 'utf8')).toBe('[]\n');
    expect(new Uint8Array(readFileSync(join(folder, 'model/chart.png')))).toEqual(bytes);
    expect(tree(folder)).toEqual(['model', 'model/chart.png', 'summary_report.json']);
  });

  test.each(['../evil', '..', '', '.', '/tmp/evil', 'a/../../evil', 'a/../..', './../x'])(
    'are refused at %j, outside of it',
    (path) => {
      const around = emptyFolder();
      const folder = join(around, 'out');
      mkdirSync(folder);
      expect(() => writeFiles(folder, [{ path, content: 'x' }])).toThrow(RangeError);
      expect(tree(around)).toEqual(['out']);
    },
  );

  test('whatever the path, nothing is written outside', () => {
    const around = emptyFolder();
    const folder = join(around, 'out');
    mkdirSync(folder);
    const part = fc.constantFrom('..', '.', 'a', 'b c', '', '...', '..a', '~');
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (parts) => {
        try {
          writeFiles(folder, [{ path: parts.join('/'), content: 'x' }]);
        } catch {
          // refused, or a folder stands where the file should: both are no file outside
        }
        expect(readdirSync(around)).toEqual(['out']);
      }),
    );
  });
});

describe('writing atomically', () => {
  test('replaces what was there, and leaves nothing beside it', () => {
    const folder = emptyFolder();
    const path = join(folder, 'a.json');
    writeAtomically(path, 'old');
    writeAtomically(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['a.json']);
  });

  test('replaces a link, and not what it points to', () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'precious'), 'precious');
    symlinkSync('precious', join(folder, 'a.json'));
    writeAtomically(join(folder, 'a.json'), 'new');
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('precious');
    expect(readFileSync(join(folder, 'a.json'), 'utf8')).toBe('new');
  });

  test('that fails leaves the old file and no half one', () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'a.json', 'full'), { recursive: true });
    expect(() => writeAtomically(join(folder, 'a.json'), 'x')).toThrow();
    expect(readdirSync(folder)).toEqual(['a.json']);
    expect(existsSync(join(folder, 'a.json', 'full'))).toBe(true);
  });

  test('a large text arrives whole', () => {
    const path = join(emptyFolder(), 'a');
    const text = 'ünïcode 模型 🚀\n'.repeat(200_000);
    writeAtomically(path, text);
    expect(readFileSync(path, 'utf8') === text).toBe(true);
  });
});

describe('half-written files', () => {
  /** A process number that nobody has: above the largest that Linux gives. */
  const DEAD = 2 ** 22 + 1;

  test('of writers that are gone are removed, those of others that live stay', () => {
    const folder = emptyFolder();
    for (const path of ['records', 'attempts']) mkdirSync(join(folder, path));
    const dead = [`.${DEAD}.0.partial`, `.${process.pid}.7.partial`, `records/.${DEAD}.12.partial`];
    const kept = [`.${process.ppid}.0.partial`, `attempts/.${DEAD}.1.partial`, 'my.partial', 'records/a.json'];
    for (const path of [...dead, ...kept]) writeFileSync(join(folder, path), '');
    removePartials(folder, ['attempts']);
    expect(tree(folder)).toEqual(['attempts', 'records', ...kept].toSorted());
  });
});

describe('a folder', () => {
  test('is made with all above it, and may be there already', () => {
    const folder = emptyFolder();
    makeFolder(join(folder, 'a', 'b', 'c'));
    makeFolder(join(folder, 'a', 'b', 'c'));
    makeFolder(join(folder, 'a', 'd'));
    expect(tree(folder)).toEqual(['a', 'a/b', 'a/b/c', 'a/d']);
  });
});
