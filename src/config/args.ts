import { split } from 'shlex';
import { countOf } from './flag-value.ts';
import {
  abbreviated,
  canonicalFlag,
  type LiftedField,
  NOT_ABBREVIATIONS,
  type OwnedFlag,
  ownedFlag,
} from './owned-flags.ts';

/** A value that `args` holds for a field of ours. */
export interface Lifted {
  readonly field: LiftedField;
  readonly value: string | number | boolean;
  /** As the user wrote them. */
  readonly flag: string;
  readonly text: string;
}

export interface ArgsProblem {
  readonly flag: string;
  readonly message: string;
  readonly hint: string | null;
}

export interface Args {
  readonly lifted: readonly Lifted[];
  /** Every other word, in the order in which it was written, for vLLM's own parser. */
  readonly rest: readonly string[];
  readonly problems: readonly ArgsProblem[];
}

/** Splits `args` as a POSIX shell would (no expansion), and takes out what the orchestrator owns. */
export function readArgs(text: string): Args {
  let words: string[];
  try {
    words = split(text);
  } catch {
    return {
      lifted: [],
      rest: [],
      problems: [
        {
          flag: openQuote(text),
          message: 'args: unbalanced quotes',
          hint: 'close the quote, or write \\" for a literal one',
        },
      ],
    };
  }
  return liftWords(words);
}

/** The quote (or backslash) that nothing closes: the one before which the text still splits. */
function openQuote(text: string): string {
  const quotes = [...text.matchAll(/["'\\]/g)];
  for (const quote of quotes.toReversed()) {
    try {
      split(text.slice(0, quote.index));
      return text.slice(quote.index).split(/\s/)[0] ?? '';
    } catch {
      // still open before this one
    }
  }
  return '';
}

export function liftWords(words: readonly string[]): Args {
  const lifted: Lifted[] = [];
  const rest: string[] = [];
  const problems: ArgsProblem[] = [];
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] ?? '';
    const { name, inline } = splitFlag(word);
    const owned = ownedFlag(name);
    if (owned === undefined) {
      const problem = unownedProblem(word, name, words[i - 1]);
      if (problem === null) rest.push(word);
      else problems.push(problem);
      continue;
    }
    const takesValue = owned.kind === 'lift' || owned.kind === 'only';
    const next = words[i + 1];
    const value = inline ?? (takesValue && next !== undefined && !isFlag(next) ? next : undefined);
    if (takesValue && inline === undefined && value !== undefined) i += 1;
    const result = take(owned, word, value);
    if ('message' in result) problems.push(result);
    else if (result.field !== null)
      lifted.push({ field: result.field, value: result.value, flag: word, text: value ?? '' });
  }
  return { lifted, rest, problems };
}

/** `--k=v` and `--k.sub=v` by their names; vLLM reads `-tp=8` too. */
function splitFlag(word: string): { name: string; inline: string | undefined } {
  if (!isFlag(word)) return { name: word, inline: undefined };
  const equals = word.indexOf('=');
  const bare = equals < 0 ? word : word.slice(0, equals);
  return { name: canonicalFlag(bare.split('.')[0] ?? bare), inline: equals < 0 ? undefined : word.slice(equals + 1) };
}

/** A negative number is a value, not a flag. */
function isFlag(word: string): boolean {
  return /^-{1,2}[A-Za-z]/.test(word);
}

type Taken = { field: LiftedField; value: string | number | boolean } | { field: null; value: null } | ArgsProblem;

function take(owned: OwnedFlag, flag: string, value: string | undefined): Taken {
  switch (owned.kind) {
    case 'refuse':
      return { flag, message: `args: ${flag} cannot be used here: ${owned.reason}`, hint: 'take it out of args' };
    case 'switch':
      if (value !== undefined) return { flag, message: `args: ${flag} takes no value`, hint: null };
      return { field: owned.field, value: owned.on };
    case 'only':
      if (value !== undefined && owned.allowed.includes(value)) return { field: null, value: null };
      return {
        flag,
        message:
          `args: ${flag.includes('=') ? flag : `${flag} ${value ?? ''}`} cannot be used here: ${owned.reason}`.replace(
            '  ',
            ' ',
          ),
        hint: 'take it out of args',
      };
    case 'lift': {
      if (value === undefined || value === '') return { flag, message: `args: ${flag} has no value`, hint: null };
      if (owned.value === 'text') return { field: owned.field, value };
      const number = Number(value);
      const fits =
        value.trim() !== '' && (owned.value === 'int' ? Number.isSafeInteger(number) : Number.isFinite(number));
      if (!fits) {
        const count = countOf(value);
        return {
          flag,
          message: `args: ${flag}: expected ${owned.value === 'int' ? 'a whole number' : 'a number'}, got ${JSON.stringify(value)}`,
          hint: count === null ? null : `write ${count}`,
        };
      }
      return { field: owned.field, value: number };
    }
  }
}

function unownedProblem(word: string, name: string, before: string | undefined): ArgsProblem | null {
  if (!isFlag(word)) {
    if (before !== undefined) return null;
    return {
      flag: word,
      message: `args: ${JSON.stringify(word)} stands where a flag is expected`,
      hint: 'args holds flags only, such as --dtype bfloat16',
    };
  }
  // argparse reads `-qfp8` as `-q fp8`
  const full = /^-q./.test(name) ? ['-q'] : NOT_ABBREVIATIONS.has(name) ? [] : abbreviated(name);
  if (full.length === 0) return null;
  return {
    flag: word,
    message: `args: ${word} is an abbreviation of ${full.join(' or ')}`,
    hint: 'write the flag out, so that it means the same in every vLLM',
  };
}
