/** How an attempt ended. A failed attempt is data; an exception is our own failure. */
export type Outcome =
  | { readonly kind: 'exited'; readonly exitCode: number }
  | { readonly kind: 'signalled'; readonly signal: string }
  | { readonly kind: 'timed-out'; readonly afterSeconds: number }
  /** No output and no token for so long, and so it was stopped. */
  | { readonly kind: 'stalled'; readonly afterSeconds: number }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'not-started'; readonly reason: string }
  | { readonly kind: 'lost'; readonly reason: string };

/** The outcome in the words of a sentence: `the engine <words>`. */
export function describeOutcome(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'exited':
      return outcome.exitCode === 0 ? 'finished' : `exited with code ${outcome.exitCode}`;
    case 'signalled':
      return `was killed by ${outcome.signal}`;
    case 'timed-out':
      return `was stopped after its time limit of ${outcome.afterSeconds} s`;
    case 'stalled':
      return `was stopped after ${outcome.afterSeconds} s without progress`;
    case 'cancelled':
      return 'was stopped on request';
    case 'not-started':
      return `did not start: ${outcome.reason}`;
    case 'lost':
      return `was lost: ${outcome.reason}`;
  }
}
