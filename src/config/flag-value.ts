import { canonicalFlag } from './owned-flags.ts';

/** What the user's words give a flag; the last one counts, as for vLLM's parser. Null when it is not there. */
export function flagValue(words: readonly string[], flag: string): string | null {
  const at = words.findLastIndex((word) => nameOf(word) === flag);
  const [word, next = null] = words.slice(at, at + 2);
  if (at < 0 || word === undefined) return null;
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : next;
}

/** Of `--name` and `--no-name` the one that counts; null when neither is there. */
export function flagSwitch(words: readonly string[], name: string): boolean | null {
  const last = words.findLast((word) => [`--${name}`, `--no-${name}`].includes(nameOf(word)));
  return last === undefined ? null : nameOf(last) === `--${name}`;
}

/** A count as vLLM's parser reads it: `2048`, `2k` for 2000, `2K` for 2048; null for what is none. */
export function flagCount(words: readonly string[], flag: string): number | null {
  return countOf(flagValue(words, flag)?.trim() ?? '');
}

/** The same of the text alone. */
export function countOf(text: string): number | null {
  const parts = /^(?<number>\d+(?:\.\d+)?)(?<unit>[kmgt])?$/i.exec(text)?.groups;
  if (parts === undefined) return null;
  const unit = parts['unit'] ?? '';
  const base = unit === unit.toLowerCase() ? 1000 : 1024;
  const count = Number(parts['number']) * base ** ' kmgt'.indexOf(unit.toLowerCase() || ' ');
  return Number.isSafeInteger(count) ? count : null;
}

/** Whether the words ask for speculative decoding, in any of vLLM's spellings (`--specialize-active-lora` is none). */
export function isSpeculative(words: readonly string[]): boolean {
  return words.some((word) => /^(?:--spec-|--specu|-sc(?![a-z]))/.test(nameOf(word)));
}

function nameOf(word: string): string {
  return canonicalFlag(word.split('=')[0] ?? '');
}
