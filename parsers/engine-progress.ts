/**
 * Whether a line that an engine or driver has written shows that it goes on. vLLM repeats some lines for as long as it
 * waits for something that may never come, and those say the opposite.
 */
export function showsProgress(text: string): boolean {
  return text.trim() !== '' && !WAITING.some((pattern) => pattern.test(text));
}

const WAITING: readonly RegExp[] = [
  // [shm_broadcast.py:542] No available shared memory broadcast block found in 60 seconds. (0.8.5 to 0.32)
  /No available shared memory broadcast block found/,
  // [utils.py:619] Waiting for 1 local, 0 remote core engine proc(s) to start.
  /Waiting for \d+ local, \d+ remote core engine proc/,
  // [loggers.py:257] Engine 000: Avg prompt throughput: 0.0 tokens/s, Avg generation throughput: 0.0 tokens/s, Running: ...
  /Avg prompt throughput: 0\.0 tokens\/s, Avg generation throughput: 0\.0 tokens\/s/,
];

/** vLLM's parent says so when its engine core was killed from outside, and may then wait for ever (0.32). */
export function engineCoreIsGone(text: string): boolean {
  return text.includes('engine core exited unexpectedly');
}
