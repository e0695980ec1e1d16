import { dominated, type Verdict } from '../plan/dominated.ts';
import { FAILURE_CLASSES } from '../schema/failure-class.ts';
import type { Launch } from '../schema/plan.ts';
import type { Reason } from '../schema/record.ts';
import type { Workload } from '../schema/workload.ts';

/** The failures of this run from which it is certain how other points will fare. */
export class Verdicts {
  readonly #verdicts: Verdict[] = [];

  add(verdict: Verdict): void {
    if (FAILURE_CLASSES[verdict.class].reach !== 'none') this.#verdicts.push(verdict);
  }

  /** Why this point need not be tried; null when nothing speaks against it. */
  against(launch: Launch, workload: Workload): Reason | null {
    for (const verdict of this.#verdicts) {
      const message = dominated(verdict, { launch, workload });
      if (message !== null) return { code: verdict.class, message };
    }
    return null;
  }
}
