import { canonicalFlag } from './owned-flags.ts';

/** What the user's words give a flag; the last one counts, as for vLLM's parser. Null when it is not there. */
export function flagValue(words: readonly string[], flag: string): string | null {
  const at = words.findLastIndex((word) => canonicalFlag(word.split('=')[0] ?? '') === flag);
  const [word, next = null] = words.slice(at, at + 2);
  if (at < 0 || word === undefined) return null;
  return word.includes('=') ? word.slice(word.indexOf('=') + 1) : next;
}
