import { setImmediate as nextTurn } from 'node:timers/promises';

/** So long nothing else is heard, a signal for instance. */
const SLICE_MS = 10;

/** Walks a generator to its end; after every few milliseconds the event loop has its turn. */
export async function inSlices<T>(steps: Generator<undefined, T>): Promise<T> {
  let since = performance.now();
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    if (performance.now() - since < SLICE_MS) continue;
    await nextTurn();
    since = performance.now();
  }
}

/** The same at once. */
export function atOnce<T>(steps: Generator<undefined, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
