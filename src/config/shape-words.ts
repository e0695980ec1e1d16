import type { z } from 'zod';
import { exampleOf } from './examples.ts';
import type { Problem } from './problem.ts';
import type { Path } from './yaml-source.ts';

/** What is wrong with a value, in the words of somebody who writes run definitions. */
export function describe(issue: z.core.$ZodIssue, path: Path, value: unknown): Pick<Problem, 'message' | 'hint'> {
  const label = name(path);
  const got = shown(value);
  const example = exampleOf(path);
  switch (issue.code) {
    case 'invalid_type':
      return { message: `${label}: expected ${article(issue.expected)}, got ${got}`, hint: example };
    case 'too_small':
      if (issue.origin === 'array') return { message: `${label} is an empty list`, hint: example };
      if (issue.origin === 'string') return { message: `${label} is empty`, hint: example };
      return {
        message: `${label}: expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}, got ${got}`,
        hint: example,
      };
    case 'too_big':
      return { message: `${label}: expected at most ${issue.maximum}, got ${got}`, hint: example };
    case 'invalid_value':
      return { message: `${label}: expected ${issue.values.map(String).join(' or ')}, got ${got}`, hint: example };
    default:
      return { message: `${label}: ${issue.message}, got ${got}`, hint: example };
  }
}

function article(expected: string): string {
  const words: Record<string, string> = {
    int: 'a whole number',
    number: 'a number',
    string: 'a text',
    array: 'a list',
    object: 'a map',
    boolean: 'true or false',
    record: 'a map',
  };
  return words[expected] ?? expected;
}

/** `standalone_runs[0].length_configs[1].input_len` -> `input_len`; the index of a list item stays with its list. */
export function name(path: Path): string {
  const last = path.at(-1);
  return typeof last === 'number' ? `${String(path.at(-2) ?? '')}[${last}]` : String(last ?? 'the run definition');
}

/** A value in the words of the file: JSON has no infinity. */
function shown(value: unknown): string {
  if (value === null) return 'nothing';
  if (typeof value === 'number') return String(value);
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, 60);
  } catch {
    return 'something that contains itself';
  }
}

/** `isl_osl - [8192, 1024] - ...`: what YAML makes of a list whose key has no colon. */
export function forgottenColon(value: string): string | null {
  return /^(?<key>[A-Za-z_]\w*) - /.exec(value)?.groups?.['key'] ?? null;
}
