import type { Level } from './level.ts';
import type { LiftedField } from './owned-flags.ts';
import type { FieldName } from './written.ts';

/** Fields that `args` may hold too, under a flag of vLLM's. */
type Pickable = Extract<LiftedField, FieldName>;

/** The nearest level that says it, as a field or in its args. */
export function pick(levels: readonly Level[], field: Pickable): unknown {
  for (const level of levels) {
    const value = level.fields[field] ?? level.lifted.get(field)?.value;
    if (value !== undefined) return value;
  }
  return undefined;
}

export function lifted(levels: readonly Level[], field: 'enable_prefix_caching'): unknown {
  return levels.find((level) => level.lifted.has(field))?.lifted.get(field)?.value ?? null;
}

export function prefixLens(levels: readonly Level[]): unknown {
  return levels
    .map((level) => level.fields.prefix_lens ?? level.lifted.get('prefix_len')?.value)
    .find((value) => value !== undefined);
}

export function list(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? [...new Set(value)] : [value];
}

export function orNull(value: unknown, none: string | null): unknown[] {
  return value === undefined ? [null] : [...new Set(list(value).map((item) => (item === none ? null : item)))];
}
