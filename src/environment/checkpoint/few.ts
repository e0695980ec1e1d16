const MOST = 5;

/** The first five sentences, and how many more there are: a broken download would fill pages. */
export function few(sentences: readonly string[]): readonly string[] {
  const left = sentences.length - MOST;
  return left <= 0 ? sentences : [...sentences.slice(0, MOST - 1), `${sentences[MOST - 1]}, and ${left} more like it`];
}
