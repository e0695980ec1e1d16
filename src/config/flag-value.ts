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
  const parts = /^(?<number>\d+(?:\.\d+)?)(?<unit>[kKmM])?$/.exec(flagValue(words, flag)?.trim() ?? '')?.groups;
  if (parts === undefined) return null;
  const count = Number(parts['number']) * (UNITS[parts['unit'] ?? ''] ?? 1);
  return Number.isSafeInteger(count) ? count : null;
}

const UNITS: Readonly<Record<string, number>> = { k: 1000, K: 1024, m: 1e6, M: 2 ** 20 };

/** Whether the words ask for speculative decoding, in any of vLLM's spellings (`--specialize-active-lora` is none). */
export function isSpeculative(words: readonly string[]): boolean {
  return words.some((word) => /^(?:--spec-|--specu|-sc(?![a-z]))/.test(nameOf(word)));
}

function nameOf(word: string): string {
  return canonicalFlag(word.split('=')[0] ?? '');
}
