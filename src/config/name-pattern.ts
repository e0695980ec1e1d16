/** A device's name is one line of some 40 characters; with more of these a pattern can take minutes on it. */
const MOST_QUANTIFIERS = 6;
const MOST_CHARACTERS = 200;

/** Why a text cannot serve as a regular expression of a device's name, and what would; null when it can. */
export function whyNoNamePattern(text: string): { readonly message: string; readonly hint: string } | null {
  try {
    new RegExp(text, 'i');
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { message, hint: 'names are regular expressions: write \\( for a bracket that is meant as one' };
  }
  const skeleton = skeletonOf(text);
  const quantifiers = skeleton.match(/[*+?{]/g)?.length ?? 0;
  if (text.length <= MOST_CHARACTERS && quantifiers <= MOST_QUANTIFIERS && !repeatsChoices(skeleton)) return null;
  return {
    message: `matching a name against ${JSON.stringify(text.slice(0, 60))} could take for ever`,
    hint: `repeat no group that has a choice or a repetition in it, and use *, +, ? and {} at most ${MOST_QUANTIFIERS} times`,
  };
}

/** The groups, choices and quantifiers of a pattern alone; all else is `x`. */
function skeletonOf(pattern: string): string {
  return pattern
    .replaceAll(/\\./g, 'x')
    .replaceAll(/\[[^\]]*\]/g, 'x')
    .replaceAll(/\(\?(?:<?[=!]|:|<\w+>)/g, '(')
    .replaceAll(/(?<=[*+?}])\?/g, '');
}

/** Such as `(a+)+` and `(a|a)*`: as many ways to match as 2 to the power of the name's length. */
function repeatsChoices(skeleton: string): boolean {
  const innermost = /\((?<inside>[^()]*)\)(?<quantifier>[*+{]?)/.exec(skeleton);
  const { inside = '', quantifier = '' } = innermost?.groups ?? {};
  if (innermost === null) return false;
  const hasChoice = /[*+?{|]/.test(inside);
  if (hasChoice && quantifier !== '') return true;
  // What is left of the group says to those around it whether it had a choice.
  return repeatsChoices(skeleton.replace(innermost[0], `${hasChoice ? 'x|x' : 'x'}${quantifier}`));
}
