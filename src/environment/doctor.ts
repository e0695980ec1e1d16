import { acceleratorsOfHost } from './accelerators.ts';
import { hostChecks } from './doctor-host.ts';
import { pythonChecks } from './doctor-python.ts';
import type { Surroundings } from './home.ts';
import { choosePython } from './python.ts';

/** One thing that was looked at. `absent` is no fault: something optional that is not there. */
export interface DoctorCheck {
  readonly id: string;
  readonly title: string;
  readonly status: 'ok' | 'warn' | 'fail' | 'absent';
  readonly detail: string;
  /** What mends it, a command where there is one; null when there is nothing to mend. */
  readonly remedy: string | null;
}

export interface DoctorInput extends Surroundings {
  readonly tools: string;
  /** Where results would go. */
  readonly outputDirectory: string;
  /** `--python`; null when not said. */
  readonly given: string | null;
  /** How this program is called here: `orchestrate`, or `./orchestrate` in a checkout. */
  readonly command: string;
  readonly signal: AbortSignal;
}

/** Looks at everything that a run needs, changes nothing, and never throws for what it finds. */
export async function diagnose(input: DoctorInput): Promise<DoctorCheck[]> {
  const accelerators = acceleratorsOfHost(input.env);
  const choice = await choosePython(input);
  const isCpu = choice.kind === 'found' ? choice.probe.cuda_version === null : accelerators.length === 0;
  return [...pythonChecks(choice, accelerators, input), ...(await hostChecks(accelerators, isCpu, input))];
}
