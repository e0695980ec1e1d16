/** A pause of more than an hour would cost the night more than the attempt is worth. */
const LONGEST_SECONDS = 3600;
/** Launches that failed together must not all come back in the same second. */
const JITTER = 0.25;

/**
 * Seconds before the `retry`-th retry (from 1): `base` doubled each time, and up to a quarter more by `chance`, which is
 * in [0, 1).
 */
export function backoffSeconds(base: number, retry: number, chance: number): number {
  return Math.min(LONGEST_SECONDS, base * 2 ** Math.min(retry - 1, 40)) * (1 + JITTER * chance);
}
