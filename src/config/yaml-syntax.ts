import type { Problem } from './problem.ts';

/**
 * The problems that are problems of their own. What stands below a key without its colon cannot be read either, and a
 * bracket that is never closed is missed once for every level: saying so again helps nobody.
 */
export function withoutEchoes(problems: readonly Problem[], text: string): Problem[] {
  const deep = problems.find((problem) => problem.message.includes('Maximum call stack'));
  if (deep !== undefined) return [{ ...deep, message: 'nested too deeply to be read', hint: null }];
  const lines = text.split('\n');
  const once = [...new Map(problems.map((problem) => [`${problem.line}:${problem.column}`, problem])).values()];
  const forgotten = once.filter((problem) => problem.message.startsWith(MISSING));
  return once.filter((problem) => !forgotten.some((key) => isBelow(lines, problem.line, key.line)));
}

/** True when everything from the key to the line hangs on the key: it is indented further, or an item of its list. */
function isBelow(lines: readonly string[], line: number, key: number): boolean {
  if (line <= key) return false;
  const column = columnOf(lines[key - 1] ?? '', /^\s*(?:- +)?/);
  return lines.slice(key, line).every((text) => {
    const indent = columnOf(text, /^\s*/);
    return indent > column || (indent === column && /^\s*- /.test(text));
  });
}

function columnOf(text: string, lead: RegExp): number {
  return lead.exec(text)?.[0].length ?? 0;
}

const MISSING = 'missing ';

/** The parser's message in the words of somebody who writes run definitions. */
export function explainSyntax(
  code: string,
  message: string,
  text: string,
  position: number,
): Pick<Problem, 'message' | 'hint'> {
  const line = text.slice(text.lastIndexOf('\n', position - 1) + 1, lineEnd(text, position)).trim();
  // `mode vllm_throughput` or `length_configs`: a word, perhaps a value, and no colon
  const forgotten = /^(?:- )?(?<key>[A-Za-z_][\w-]*)(?:\s+(?<value>[^:]+))?$/.exec(line)?.groups;
  const isKeyTrouble = ['MISSING_CHAR', 'MULTILINE_IMPLICIT_KEY', 'BLOCK_AS_IMPLICIT_KEY'].includes(code);
  if (isKeyTrouble && forgotten) {
    return {
      message: `${MISSING}':' after ${forgotten['key']}`,
      hint: `write: ${forgotten['key']}: ${forgotten['value'] ?? ''}`.trimEnd(),
    };
  }
  // `mode:vllm_throughput`: to YAML one word
  const glued = /^(?:- )?(?<key>[A-Za-z_][\w-]*):(?<value>\S.*)$/.exec(line)?.groups;
  if (isKeyTrouble && glued) {
    return { message: `${MISSING}space after ${glued['key']}:`, hint: `write: ${glued['key']}: ${glued['value']}` };
  }
  if (code === 'DUPLICATE_KEY')
    return { message: 'this key was given before in the same map', hint: 'keep one of the two' };
  if (code === 'TAG_RESOLVE_FAILED') {
    const tag = /^Unresolved tag: (?<tag>.+)$/.exec(message)?.groups?.['tag'] ?? '';
    return { message: `the YAML tag ${tag} means nothing here`, hint: 'write the value without it, or in quotes' };
  }
  if (code === 'TAB_AS_INDENT') return { message: 'a tab in the indentation', hint: 'indent with spaces' };
  return { message: `not valid YAML: ${message.split('\n')[0]}`, hint: null };
}

/** What is wrong with an alias, from what the library throws when it unfolds them. */
export function explainAlias(error: unknown): Pick<Problem, 'message' | 'hint'> {
  const message = error instanceof Error ? error.message : String(error);
  return /Excessive alias count/.test(message)
    ? {
        message: 'the aliases of this file unfold to more than a run definition can hold (a YAML bomb?)',
        hint: 'write the values out',
      }
    : { message: `not valid YAML: ${message}`, hint: 'define the anchor (&name) before its alias (*name)' };
}

/** The name in "Unresolved alias (the anchor must be set before the alias): nope"; null for another trouble. */
export function aliasName(error: unknown): string | null {
  const message = error instanceof Error ? error.message : '';
  return /alias.*: (?<name>\S+)$/.exec(message)?.groups?.['name'] ?? null;
}

/** Where the line of a position ends. */
export function lineEnd(text: string, start: number): number {
  const end = text.indexOf('\n', start);
  return end < 0 ? text.length : end;
}
