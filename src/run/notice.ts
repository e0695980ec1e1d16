import type { Outcome } from '../schema/outcome.ts';
import type { Job, Launch } from '../schema/plan.ts';
import type { Sample } from '../schema/record.ts';

/** What happens during a run, told to whoever shows it. */
export type Notice =
  | { readonly kind: 'note'; readonly text: string }
  | {
      readonly kind: 'run-started';
      readonly directory: string;
      readonly launches: number;
      readonly measurements: number;
      /** Set when points end once they are steady: there may be fewer measurements. */
      readonly atMost?: true;
      readonly alreadyDone: number;
    }
  | {
      readonly kind: 'attempt-started';
      readonly attempt: string;
      readonly launch: Launch;
      readonly number: number;
      readonly wanted: number;
      /** Names of the devices that it is held to; empty where nothing holds it to some. */
      readonly devices: readonly string[];
      readonly log: string;
    }
  | { readonly kind: 'engine-ready'; readonly attempt: string; readonly seconds: number }
  | { readonly kind: 'measurement-began'; readonly attempt: string; readonly job: Job; readonly repeat: number }
  | {
      readonly kind: 'measured';
      readonly attempt: string;
      readonly job: Job;
      readonly repeat: number;
      readonly sample: Sample;
    }
  | {
      readonly kind: 'measurement-failed';
      readonly attempt: string;
      readonly job: Job;
      readonly repeat: number;
      readonly reason: string;
      /** Not attempted: an earlier failure says that it would fail as well. */
      readonly skipped: boolean;
    }
  /** Steady after so many repeats; `spared` more need not be made. */
  | {
      readonly kind: 'job-steady';
      readonly attempt: string;
      readonly job: Job;
      readonly repeats: number;
      readonly spared: number;
      readonly cv: number;
    }
  | { readonly kind: 'line'; readonly attempt: string; readonly text: string }
  | {
      readonly kind: 'attempt-ended';
      readonly attempt: string;
      readonly outcome: Outcome;
      readonly reason: string | null;
      readonly leftBehind: readonly string[];
    }
  /** A launch that has its devices and cannot begin yet: memory that is not free, other programs, ... */
  | { readonly kind: 'launch-waiting'; readonly launch: Launch; readonly reason: string }
  | {
      readonly kind: 'retrying';
      readonly launch: Launch;
      readonly inSeconds: number;
      readonly retry: number;
      readonly of: number;
    };

export type Notify = (notice: Notice) => void;
