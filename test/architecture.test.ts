import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { MODES } from '../src/modes/index.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Imports go down these rows only; the table is that of CONTRIBUTING.md and docs of the architecture. */
const ROWS = [
  ['cli'],
  ['run'],
  ['executors', 'devices', 'journal', 'environment', 'render', 'sinks'],
  ['plan', 'summary'],
  ['config', 'modes', 'stats', 'parsers', 'reports', 'physics'],
  ['schema', 'drivers', 'errors'],
] as const;

interface Source {
  /** Relative to the root of the repository. */
  readonly path: string;
  readonly text: string;
}

const SOURCES: readonly Source[] = ['src', 'parsers', 'reports'].flatMap(filesBelow).map((path) => ({
  path,
  text: readFileSync(join(ROOT, path), 'utf8'),
}));

function filesBelow(folder: string): string[] {
  return readdirSync(join(ROOT, folder)).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(join(ROOT, path)).isDirectory()) return filesBelow(path);
    return name.endsWith('.ts') ? [path] : [];
  });
}

/** `src/plan/build.ts` -> `plan`; `reports/charts/theme.ts` -> `reports`. */
function stageOf(path: string): string {
  const [first = '', second = ''] = path.split('/');
  return first === 'src' ? second : first;
}

/** The files of ours that a file imports, however: static, dynamic, type only, or again exported. */
function importsOf({ path, text }: Source): string[] {
  const specifiers = [...text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(?<specifier>\.{1,2}\/[^']+)'/g)];
  return specifiers.map(({ groups }) => relative(ROOT, join(ROOT, dirname(path), groups?.['specifier'] ?? '')));
}

function rowOf(stage: string): number {
  return ROWS.findIndex((row) => row.some((name) => name === stage));
}

describe('imports', () => {
  const edges = SOURCES.flatMap((source) =>
    importsOf(source).map((target) => ({
      from: source.path,
      to: target,
    })),
  ).filter(({ from, to }) => stageOf(from) !== stageOf(to));

  test('are found at all', () => {
    expect(edges.length).toBeGreaterThan(200);
    expect(edges).toContainEqual({ from: 'src/plan/build.ts', to: 'src/schema/plan.ts' });
  });

  test('lead to files that exist', () => {
    const paths = new Set(SOURCES.map(({ path }) => path));
    expect(edges.filter(({ to }) => !paths.has(to))).toEqual([]);
  });

  test('are between stages that have a row', () => {
    expect(SOURCES.map(({ path }) => stageOf(path)).filter((stage) => rowOf(stage) < 0)).toEqual([]);
  });

  test('go down the rows, never up and never sideways', () => {
    const wrong = edges.filter(({ from, to }) => rowOf(stageOf(from)) >= rowOf(stageOf(to)));
    expect(wrong.map(({ from, to }) => `${from} imports ${to}`)).toEqual([]);
  });
});

describe('the world is passed in', () => {
  /** Code without its comments, which may speak of what the code may not do. */
  const code = (text: string) => text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/\/\/.*$/gm, '');
  const below = SOURCES.filter(({ path }) => !path.startsWith('src/cli/'));

  test.each([
    'process.env',
    'process.cwd(',
    'process.chdir(',
    'process.exit',
    'process.argv',
    'Date.now(',
    'new Date()',
    'Math.random(',
  ])('no %s below src/cli', (forbidden) => {
    const users = below.filter(({ text }) => code(text).includes(forbidden)).map(({ path }) => path);
    expect(users).toEqual([]);
  });

  test('no shell anywhere', () => {
    expect(
      SOURCES.filter(({ text }) => /\bshell: true|\bexecSync\(|\bexec\(`|sh', \['-c'/.test(code(text))).map(
        ({ path }) => path,
      ),
    ).toEqual([]);
  });

  test('parsers and reports import nothing of Node and nothing that has effects', () => {
    const pure = SOURCES.filter(({ path }) => !path.startsWith('src/'));
    const impure = pure.filter(({ text }) =>
      /from '(?:node:|execa|vega'|@resvg)|\bprocess\.|\bconsole\./.test(code(text)),
    );
    expect(impure.map(({ path }) => path)).toEqual([]);
  });
});

describe('files', () => {
  test('are not called by words that say nothing', () => {
    const nothing = /(?:^|[-/])(?:utils?|helpers?|common|core|managers?|misc)(?:[-.]|$)/;
    expect(
      SOURCES.map(({ path }) => path).filter((path) => path.split('/').some((part) => nothing.test(part))),
    ).toEqual([]);
  });

  test('of more than 200 lines are few, and none has 300', () => {
    const lengths = SOURCES.map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }));
    const long = lengths.filter(({ lines }) => lines > 200);
    expect(long.map(({ lines }) => lines).filter((lines) => lines >= 300)).toEqual([]);
    expect(long.length, long.map(({ path, lines }) => `${path}: ${lines}`).join(', ')).toBeLessThanOrEqual(3);
  });
});

describe('the table of modes', () => {
  /** What modes are made of. */
  const PARTS = [
    ...['engine-flags', 'index', 'mode', 'stock-flags'],
    ...[
      'precision',
      'precision-asked',
      'precision-names',
      'precision-online',
      'precision-possible',
      'precision-stored',
    ],
  ];

  test('names every mode of the folder, once', () => {
    const files = filesBelow('src/modes').map((path) => path.slice('src/modes/'.length, -'.ts'.length));
    const modes = files.filter((name) => !PARTS.includes(name)).map((name) => name.replaceAll('-', '_'));
    expect(MODES.map(({ id }) => id).toSorted()).toEqual(modes.toSorted());
  });

  test('has a name and a sentence for each', () => {
    for (const { id, summary } of MODES) {
      expect(id).toMatch(/^[a-z]+(?:_[a-z]+)*$/);
      expect(summary.length).toBeGreaterThan(20);
    }
  });
});
