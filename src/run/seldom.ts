/** Of its own cost, how much time must have passed until something is done again: it takes at most 1/20 of the time. */
const TIMES_ITS_COST = 20;

/**
 * Does something that is worth doing often only as long as it is cheap: a call that comes too early does nothing. One
 * that comes while it is being done waits for it. `now`: seconds of any clock that only goes forward.
 */
export function seldom(action: () => Promise<void>, now: () => number): () => Promise<void> {
  let notBefore = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | null = null;
  const run = async () => {
    const start = now();
    try {
      await action();
    } finally {
      const end = now();
      notBefore = end + TIMES_ITS_COST * (end - start);
      running = null;
    }
  };
  return async () => {
    if (running === null && now() < notBefore) return;
    running ??= run();
    await running;
  };
}
