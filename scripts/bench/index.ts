import { help } from './help.ts';
import { log } from './log.ts';
import { makespan } from './makespan.ts';
import { overhead } from './overhead.ts';
import { parity } from './parity.ts';
import { plan } from './plan.ts';
import { sampler } from './sampler.ts';
import { twelve } from './twelve.ts';

/** A question with figures for an answer; ratios within one run, since machines are noisy. */
export interface Bench {
  readonly id: string;
  readonly question: string;
  run(): AsyncIterable<string>;
}

/** From the fastest to the slowest: twelve takes 6 minutes, parity 20. */
export const BENCHES: readonly Bench[] = [help, plan, log, makespan, sampler, overhead, twelve, parity];
