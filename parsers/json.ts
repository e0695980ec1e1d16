import type { ZodType } from 'zod';
import type { Unreadable } from './parser.ts';

/** The value in a JSON text when it fits the schema, else what is wrong with it in one line. */
export function jsonOf<T>(text: string, schema: ZodType<T>): T | Unreadable {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { unreadable: text.trim() === '' ? 'empty' : `not JSON, perhaps torn: ${messageOf(error)}` };
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`);
  const more = issues.length > 3 ? ` (and ${issues.length - 3} more)` : '';
  return { unreadable: `${issues.slice(0, 3).join('; ')}${more}` };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : 'unknown';
}
