import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { AcceleratorSpec } from '../schema/hardware.ts';
import { exampleOf } from './examples.ts';
import type { Problem } from './problem.ts';
import { describe, forgottenColon, name } from './shape-words.ts';
import { WrittenConfig } from './written.ts';
import type { Path, YamlSource } from './yaml-source.ts';

/** A run definition as far as it has the right shape, and everything in it that has not. */
export interface Shaped {
  /** Null when not even the parts that are right make a run definition. */
  readonly written: WrittenConfig | null;
  /** Places whose values were left out of `written`, so that nobody complains that they are missing. */
  readonly leftOut: readonly Path[];
  readonly problems: readonly Problem[];
}

/** Holds the YAML's value against the schema of a run definition. */
export function checkShape(source: YamlSource): Shaped {
  const result = WrittenConfig.safeParse(source.value);
  if (result.success) return { written: result.data, leftOut: [], problems: [] };
  const problems = result.error.issues.flatMap((issue) => problemsOf(issue, [], source));
  const leftOut = result.error.issues.flatMap(fieldsAt);
  const pruned = WrittenConfig.safeParse(withoutFields(source.value, leftOut));
  return { written: pruned.success ? pruned.data : null, leftOut, problems };
}

/** A required key that is misspelt is there under another name: that it is missing is no second problem. */
export function withoutMisspelt(problems: readonly Problem[]): Problem[] {
  const meant = new Set(
    problems.flatMap(({ hint }) => /^did you mean (?<key>\w+)\?$/.exec(hint ?? '')?.groups?.['key'] ?? []),
  );
  return problems.filter(({ message }) => !meant.has(/^(?<key>\w+) is missing$/.exec(message)?.groups?.['key'] ?? ''));
}

/** The field that an issue is in: `standalone_runs[0].length_configs` for anything that is wrong inside it. */
function fieldsAt(issue: Issue): Path[] {
  const keys = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path];
  return keys.map((path) => path.slice(0, DEPTH[String(path[0])] ?? 2));
}

/** How many parts of a path make a field: `retries`, `defaults.seed`, `standalone_runs[0].seed`. */
const DEPTH: Readonly<Record<string, number>> = { accelerators: 1, standalone_runs: 3 };

/** What is right of a value; a run that is not even a map, or has no name, gets one, so that the others keep their places. */
function withoutFields(value: unknown, paths: readonly Path[]): unknown {
  const copy = structuredClone(value);
  for (const path of paths) {
    const parent = valueAt(copy, path.slice(0, -1));
    const key = path.at(-1);
    if (typeof parent === 'object' && parent !== null && typeof key === 'string')
      delete (parent as Record<string, unknown>)[key];
  }
  const runs = valueAt(copy, ['standalone_runs']);
  if (!Array.isArray(runs)) return copy;
  const named = runs.map((run: unknown, index) => ({
    name: `unnamed run ${index}`,
    ...(typeof run === 'object' ? run : {}),
  }));
  return { ...(copy as object), standalone_runs: named };
}

type Issue = z.core.$ZodIssue;

function problemsOf(issue: Issue, base: Path, source: YamlSource): Problem[] {
  const path = [...base, ...issue.path];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, source));
  if (issue.code === 'invalid_union') return branch(issue.errors).flatMap((inner) => problemsOf(inner, path, source));
  if (issue.code === 'invalid_key') {
    return [
      {
        ...source.place(path, 'key'),
        ...wrongKey(path),
      },
    ];
  }
  const value = valueAt(source.value, path);
  if (value === undefined) return [missing(path, source)];
  const forgotten = typeof value === 'string' ? forgottenColon(value) : null;
  if (forgotten !== null) {
    return [{ ...source.place(path), message: `missing ':' after ${forgotten}`, hint: `write: ${forgotten}:` }];
  }
  return [{ ...source.place(path), ...describe(issue, path, value) }];
}

/** A key that a map of any names cannot have. */
function wrongKey(path: Path): Pick<Problem, 'message' | 'hint'> {
  if (path.at(-2) === 'env') {
    return { message: `${name(path)} is not a name that an environment variable can have`, hint: null };
  }
  if (path.at(-2) === 'flops') {
    const hint = `known keys here: ${Object.keys(AcceleratorSpec.shape.flops.def.keyType.enum).join(', ')}`;
    return { message: `unknown key ${JSON.stringify(path.at(-1))}`, hint };
  }
  return { message: `${JSON.stringify(path.at(-1))} cannot be a key here`, hint: exampleOf(path) };
}

/** Of a union's branches the one that the writer meant: the one that got furthest. */
function branch(errors: readonly (readonly Issue[])[]): readonly Issue[] {
  const depth = (issues: readonly Issue[]) => Math.max(...issues.map((issue) => issue.path.length));
  return errors.toSorted((a, b) => depth(b) - depth(a) || a.length - b.length)[0] ?? [];
}

function unknownKey(path: Path, key: string, source: YamlSource): Problem {
  // One number format is no misspelling of another.
  if (path.at(-1) === 'flops') return { ...source.place([...path, key], 'key'), ...wrongKey([...path, key]) };
  const known = knownKeys(path);
  const nearest = known.length > 0 ? closest(key, known) : null;
  const near = nearest !== null && distance(key, nearest) <= Math.max(2, Math.floor(key.length / 3));
  return {
    ...source.place([...path, key], 'key'),
    message: `unknown key ${JSON.stringify(key)}`,
    hint: near ? `did you mean ${nearest}?` : known.length > 0 ? `known keys here: ${known.join(', ')}` : null,
  };
}

/** The keys that may stand in the map at this path. */
function knownKeys(path: Path): string[] {
  let schema: unknown = WrittenConfig;
  for (const part of path) {
    schema = unwrap(schema);
    if (schema instanceof z.ZodObject) schema = (schema.shape as Record<string, unknown>)[String(part)];
    else if (schema instanceof z.ZodArray) schema = schema.element;
    else if (schema instanceof z.ZodRecord) schema = schema.valueType;
    else return [];
  }
  const last = unwrap(schema);
  return last instanceof z.ZodObject ? Object.keys(last.shape) : [];
}

function unwrap(schema: unknown): unknown {
  return schema instanceof z.ZodOptional ? unwrap(schema.unwrap()) : schema;
}

function missing(path: Path, source: YamlSource): Problem {
  const key = String(path.at(-1));
  const place = source.place(path.slice(0, -1));
  return { ...place, message: `${key} is missing`, hint: exampleOf(path) };
}

function valueAt(value: unknown, path: Path): unknown {
  let at = value;
  for (const part of path) {
    if (typeof at !== 'object' || at === null) return undefined;
    at = (at as Record<PropertyKey, unknown>)[part];
  }
  return at;
}
