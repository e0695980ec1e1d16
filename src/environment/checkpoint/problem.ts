/** What each sentence of CheckpointFacts.problems begins with; the rest names the file and the tensor. */
const ABOUT_CONFIG = 'config: ';
const ABOUT_WEIGHTS = 'weights: ';
const ABOUT_TOKENIZER = 'tokenizer: ';

export function configProblem(sentence: string): string {
  return ABOUT_CONFIG + sentence;
}

export function weightsProblem(sentence: string): string {
  return ABOUT_WEIGHTS + sentence;
}

export function tokenizerProblem(sentence: string): string {
  return ABOUT_TOKENIZER + sentence;
}

/** True for a problem that an engine with `--load-format dummy` does not have: it reads no weights. */
export function isAboutWeights(problem: string): boolean {
  return problem.startsWith(ABOUT_WEIGHTS);
}

/** True for a problem that an engine with a `--tokenizer` of its own, or with none, does not have. */
export function isAboutTokenizer(problem: string): boolean {
  return problem.startsWith(ABOUT_TOKENIZER);
}
