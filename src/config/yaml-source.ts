import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import type { Problem } from './problem.ts';
import { aliasName, explainAlias, explainSyntax, lineEnd, withoutEchoes } from './yaml-syntax.ts';

export type Path = readonly PropertyKey[];

/** A YAML text, its value, and the way back from a path in the value to a place in the text. */
export interface YamlSource {
  readonly text: string;
  readonly value: unknown;
  /** A scalar as it is written, so that `9.0` does not become `9`; null for anything else. */
  textOf(path: Path): string | null;
  /** The place of a value, or of its key; the nearest parent that exists when the path does not. */
  place(path: Path, what?: 'key' | 'value'): Place;
  /** The place of a word inside the scalar at a path; the scalar itself when the word is not found there literally. */
  placeOfWord(path: Path, word: string, occurrence?: number): Place;
  /** The next place of a text behind a place; that place itself when there is none. */
  placeAfter(place: Place, text: string): Place;
}

export type Place = Pick<Problem, 'line' | 'column' | 'width'>;

/** More aliases than any run definition needs; beyond it the text is a bomb. */
const MOST_ALIASES = 1000;

/** Reads YAML 1.2. Gives the source, or everything that is wrong with the syntax. */
export function readYaml(text: string): YamlSource | { problems: Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    merge: true,
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  });
  const at = (start: number, end: number): Place => {
    const { line, col } = lines.linePos(start);
    return { line: Math.max(1, line), column: Math.max(1, col), width: Math.max(1, end - start) };
  };
  const problems = [...document.errors, ...document.warnings.filter(isUnknownTag)].map((error) => ({
    ...at(error.pos[0], error.pos[1]),
    ...explainSyntax(error.code, error.message, text, error.pos[0]),
  }));
  if (problems.length > 0) return { problems: withoutEchoes(problems, text) };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    return { problems: [{ ...at(...aliasRange(text, error)), ...explainAlias(error) }] };
  }
  const find = (path: Path, what: 'key' | 'value'): readonly [number, number] =>
    rangeOf(document.contents, path, what, document);
  return {
    text,
    value,
    textOf: (path) => textOf(document.getIn(path as unknown[], true)),
    place: (path, what = 'value') => at(...find(path, what)),
    placeAfter: (place, wanted) => {
      const end = (lines.lineStarts[place.line - 1] ?? 0) + place.column - 1 + place.width;
      const found = wanted === '' ? -1 : text.indexOf(wanted, end);
      return found < 0 ? place : at(found, found + wanted.length);
    },
    placeOfWord: (path, word, occurrence = 0) => {
      const [start, end] = find(path, 'value');
      const found = wordAt(text, word, start, occurrence);
      return found !== null && found < end
        ? at(found, found + word.length)
        : at(start, Math.min(end, lineEnd(text, start)));
    },
  };
}

/** To the library a tag that it does not know is a warning, and the value is read as if there were none. */
function isUnknownTag({ code }: { readonly code: string }): boolean {
  return code === 'TAG_RESOLVE_FAILED';
}

/** Where a whole word stands: `--input` is not found in `--input-len`, nor `-tp` in `my-tp`. */
function wordAt(text: string, word: string, from: number, occurrence: number): number | null {
  let left = occurrence;
  for (let found = text.indexOf(word, from); found >= 0; found = text.indexOf(word, found + 1)) {
    if (/[\w-]/.test(text[found + word.length] ?? '') || /[\w-]/.test(text[found - 1] ?? '')) continue;
    if (left === 0) return found;
    left -= 1;
  }
  return null;
}

type Resolver = Parameters<Alias['resolve']>[0];

function textOf(node: unknown): string | null {
  return isScalar(node) ? (typeof node.value === 'string' ? node.value : (node.source ?? String(node.value))) : null;
}

function rangeOf(root: Node | null, path: Path, what: 'key' | 'value', document: Resolver): readonly [number, number] {
  let node: unknown = root;
  let range: readonly [number, number] = span(root) ?? [0, 0];
  for (const [index, part] of path.entries()) {
    const target = isAlias(node) ? node.resolve(document) : node;
    if (isMap(target)) {
      const pair = pairOf(target, part, document);
      if (pair === undefined) return range;
      const key = span(pair.key) ?? range;
      const wanted = what === 'key' && index === path.length - 1;
      const valueRange = span(pair.value);
      // An empty value has no width of its own: its key is what the reader must look at.
      range = wanted || valueRange === null || valueRange[0] === valueRange[1] ? key : valueRange;
      node = pair.value;
    } else if (isSeq(target) && typeof part === 'number' && target.items[part] !== undefined) {
      node = target.items[part];
      range = span(node) ?? range;
    } else return range;
  }
  return range;
}

function pairOf(map: YAMLMap, key: PropertyKey, document: Resolver): Pair | undefined {
  const own = map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
  if (own !== undefined) return own;
  for (const pair of map.items) {
    if (!isScalar(pair.key) || pair.key.source !== '<<') continue;
    const merged = isAlias(pair.value) ? pair.value.resolve(document) : pair.value;
    for (const item of isSeq(merged) ? merged.items : [merged]) {
      const source = isAlias(item) ? item.resolve(document) : item;
      const found = isMap(source) ? pairOf(source, key, document) : undefined;
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function span(node: unknown): readonly [number, number] | null {
  const range = (node as Node | null | undefined)?.range;
  return range === null || range === undefined ? null : [range[0], range[1]];
}

function aliasRange(text: string, error: unknown): [number, number] {
  const name = aliasName(error);
  const start = name === null ? (/\*[A-Za-z_]/.exec(text)?.index ?? 0) : Math.max(0, text.indexOf(`*${name}`));
  return [start, start + (name === null ? 1 : name.length + 1)];
}
