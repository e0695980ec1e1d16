import { InvalidArgumentError, Option } from 'commander';

/** Where a command writes. */
export const outputDir = (fallback: string) =>
  new Option('--output-dir <dir>', `where everything is written (default: ${fallback})`);
export const python = () =>
  new Option('--python <path>', 'the Python whose vLLM is measured (default: the activated environment)');
export const json = () => new Option('--json', 'machine-readable output on stdout; text for people goes to stderr');
export const remeasureInvalid = () =>
  new Option('--remeasure-invalid', 'measure again what was measured and is invalid');
export const maxJobs = () =>
  new Option('--max-jobs <n>', 'refuse a sweep of more points').default(100_000).argParser(count);

/** Reads a whole number of at least 0; throws for anything else. */
export function count(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('expected a whole number of at least 0');
  return value;
}

/** Reads seconds of at least 0; throws for anything else. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('expected seconds, a number of at least 0');
  return value;
}
