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

export type Path = readonly PropertyKey[];

/** A YAML text, its value, and the way back from a path in the value to a place in the text. */
export interface YamlSource {
  readonly text: string;
  readonly value: unknown;
  /** The place of a value, or of its key; the nearest parent that exists when the path does not. */
  place(path: Path, what?: 'key' | 'value'): Place;
  /** The place of a word inside the scalar at a path; the scalar itself when the word is not found there literally. */
  placeOfWord(path: Path, word: string, occurrence?: number): Place;
}

export type Place = Pick<Problem, 'line' | 'column' | 'width'>;

/** More aliases than any run definition needs; beyond it the text is a bomb. */
const MOST_ALIASES = 1000;

/** Reads YAML 1.2. Gives the source, or everything that is wrong with the syntax. */
export function readYaml(text: string): YamlSource | { problems: Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, uniqueKeys: true, prettyErrors: false });
  const at = (start: number, end: number): Place => {
    const { line, col } = lines.linePos(start);
    return { line: Math.max(1, line), column: Math.max(1, col), width: Math.max(1, end - start) };
  };
  const problems = document.errors.map((error) => ({
    ...at(error.pos[0], error.pos[1]),
    ...explainSyntax(error.code, error.message, text, error.pos[0]),
  }));
  if (problems.length > 0) return { problems: withoutEchoes(problems, text) };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    return { problems: [{ ...aliasPlace(text, error, at), ...explainAlias(error) }] };
  }
  const find = (path: Path, what: 'key' | 'value'): readonly [number, number] =>
    rangeOf(document.contents, path, what, document);
  return {
    text,
    value,
    place: (path, what = 'value') => at(...find(path, what)),
    placeOfWord: (path, word, occurrence = 0) => {
      const [start, end] = find(path, 'value');
      const found = wordAt(text, word, start, occurrence);
      return found !== null && found < end
        ? at(found, found + word.length)
        : at(start, Math.min(end, lineEnd(text, start)));
    },
  };
}

/** Where a whole word stands: `--input` is not found in `--input-len`. */
function wordAt(text: string, word: string, from: number, occurrence: number): number | null {
  let left = occurrence;
  for (let found = text.indexOf(word, from); found >= 0; found = text.indexOf(word, found + 1)) {
    if (/[\w-]/.test(text[found + word.length] ?? '')) continue;
    if (left === 0) return found;
    left -= 1;
  }
  return null;
}

function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}

type Resolver = Parameters<Alias['resolve']>[0];

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

/** What stands below a key without its colon cannot be read either; saying so again helps nobody. */
function withoutEchoes(problems: readonly Problem[], text: string): Problem[] {
  const lines = text.split('\n');
  const indent = (line: number) => /^\s*/.exec(lines[line - 1] ?? '')?.[0].length ?? 0;
  const forgotten = problems.filter((problem) => problem.message.startsWith(MISSING_COLON));
  const below = (line: number, key: number) =>
    line > key &&
    Array.from({ length: line - key }, (_, i) => key + 1 + i).every(
      (at) => indent(at) > indent(key) || /^\s*- /.test(lines[at - 1] ?? ''),
    );
  return problems.filter((problem) => !forgotten.some((key) => below(problem.line, key.line)));
}

const MISSING_COLON = "missing ':'";

/** The parser's message in the words of somebody who writes run definitions. */
function explainSyntax(
  code: string,
  message: string,
  text: string,
  position: number,
): Pick<Problem, 'message' | 'hint'> {
  const line = text.slice(text.lastIndexOf('\n', position - 1) + 1, lineEnd(text, position)).trim();
  // `mode vllm_throughput` or `length_configs`: a word, perhaps a value, and no colon
  const forgotten = /^(?:- )?(?<key>[A-Za-z_][\w-]*)(?:\s+(?<value>[^:]+))?$/.exec(line)?.groups;
  if ((code === 'MISSING_CHAR' || code === 'MULTILINE_IMPLICIT_KEY' || code === 'BLOCK_AS_IMPLICIT_KEY') && forgotten) {
    return {
      message: `${MISSING_COLON} after ${forgotten['key']}`,
      hint: `write: ${forgotten['key']}: ${forgotten['value'] ?? ''}`.trimEnd(),
    };
  }
  if (code === 'DUPLICATE_KEY')
    return { message: 'this key was given before in the same map', hint: 'keep one of the two' };
  if (code === 'TAB_AS_INDENT') return { message: 'a tab in the indentation', hint: 'indent with spaces' };
  return { message: `not valid YAML: ${message.split('\n')[0]}`, hint: null };
}

function explainAlias(error: unknown): Pick<Problem, 'message' | 'hint'> {
  const message = error instanceof Error ? error.message : String(error);
  return /Excessive alias count/.test(message)
    ? {
        message: 'the aliases of this file unfold to more than a run definition can hold (a YAML bomb?)',
        hint: 'write the values out',
      }
    : { message: `not valid YAML: ${message}`, hint: 'define the anchor (&name) before its alias (*name)' };
}

function aliasPlace(text: string, error: unknown, at: (start: number, end: number) => Place): Place {
  // "Unresolved alias (the anchor must be set before the alias): nope"
  const name = error instanceof Error ? /alias.*: (?<name>\S+)$/.exec(error.message)?.groups?.['name'] : undefined;
  const alias = name === undefined ? /\*[A-Za-z_]/.exec(text) : null;
  const start = name === undefined ? (alias?.index ?? 0) : Math.max(0, text.indexOf(`*${name}`));
  return at(start, start + (name === undefined ? 1 : name.length + 1));
}
