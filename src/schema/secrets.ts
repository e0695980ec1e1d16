import type { EngineSettings } from './engine.ts';

/**
 * Names of variables and flags whose values must not stand in any file that is passed around: whole words at the end of
 * a name. VLLM_..._TOKEN_THRESHOLD and VLLM_MAX_TOKENS_... are numbers that change what is measured.
 */
const SECRET_NAME =
  /(?:^|[-_])(?:token|secret|password|passwd|passphrase|pwd|pat|cookie|credentials?|auth|authorization|(?:api|access|private|signing|secret|account|ssh)[-_]?key(?:[-_]id)?)$|secret[-_]access/i;
/** `https://user:password@host`: a secret in a value whose name does not say so. */
const SECRET_IN_URL = /(?<=:\/\/)[^/@\s]+(?=@)/g;
const REMOVED = '<removed>';
/** Shorter values stand for too many other things to be looked for in a text. */
const SHORTEST_IN_TEXT = 4;

/** Variables with what is secret taken out. */
export function withoutSecrets(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, publicValue(name, value)]));
}

/** Engine settings as they may be written down and hashed: secrets of `env` and of the flags taken out. */
export function publicSettings(engine: EngineSettings): EngineSettings {
  return { ...engine, env: withoutSecrets(engine.env), extra_args: publicFlags(engine.extra_args) };
}

/** Takes these settings' secrets out of a text that is the user's own, such as the run definition. */
export function secretRemover(settings: Iterable<EngineSettings>): (text: string) => string {
  const values = new Set([...settings].flatMap(secretsOf));
  return (text) => [...values].reduce((clean, value) => clean.replaceAll(value, REMOVED), text);
}

function publicValue(name: string, value: string): string {
  return SECRET_NAME.test(name) ? REMOVED : value.replaceAll(SECRET_IN_URL, REMOVED);
}

/** A command line's words with what is secret taken out: of `--hf-token x` and `--hf-token=x` the value. */
export function publicFlags(words: readonly string[]): string[] {
  return words.map((word, index) => {
    const before = words[index - 1] ?? '';
    if (before.startsWith('-') && !before.includes('=') && !word.startsWith('-')) return publicValue(before, word);
    const equals = word.indexOf('=');
    if (!word.startsWith('-') || equals < 0) return word.replaceAll(SECRET_IN_URL, REMOVED);
    return `${word.slice(0, equals)}=${publicValue(word.slice(0, equals), word.slice(equals + 1))}`;
  });
}

/** Every secret text, as it is and as JSON and YAML write it in quotes. */
function secretsOf(engine: EngineSettings): string[] {
  const clean = publicSettings(engine);
  const named = Object.entries(engine.env).flatMap(([name, value]) =>
    clean.env[name] === REMOVED ? [value] : (value.match(SECRET_IN_URL) ?? []),
  );
  const flags = engine.extra_args.flatMap((word, index) => {
    if (clean.extra_args[index] === word) return [];
    return clean.extra_args[index] === REMOVED
      ? [word]
      : (word.match(SECRET_IN_URL) ?? [word.slice(word.indexOf('=') + 1)]);
  });
  return [...named, ...flags]
    .filter((value) => value.length >= SHORTEST_IN_TEXT)
    .flatMap((value) => [value, JSON.stringify(value).slice(1, -1)]);
}
