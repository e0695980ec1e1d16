import type { DeviceFacts } from '../schema/facts.ts';
import type { ForeignPolicy } from '../schema/run-config.ts';
import { describeProgram, type GpuProgram, gib, gpuLabel, gpuUse } from './nvidia-use.ts';
import type { DeviceSources } from './sources.ts';

/** Memory of a GPU that is in use without a program that could be seen, from which on somebody else has it. */
const UNSEEN_BYTES = 2 ** 30;

/** Another program on a device; without a name where only its memory is seen, as inside a container. */
export interface Foreign {
  readonly id: string;
  readonly program: GpuProgram | null;
  /** Of the device, in use by all together; null where it is not told. */
  readonly usedBytes: number | null;
}

/** What is looked at, and what is ours. */
export interface Watched {
  readonly devices: DeviceFacts | null;
  readonly ids: readonly string[];
  /** Markers of our launches that run now: their programs are not foreign. */
  readonly ownMarkers: readonly string[];
}

/** Programs on these devices that are not ours; why they are not known where nvidia-smi does not tell. */
export async function foreignProcesses(
  { devices, ids, ownMarkers }: Watched,
  sources: DeviceSources,
): Promise<{ readonly foreign: readonly Foreign[] } | { readonly unknown: string }> {
  const answer = await gpuUse(devices, ids, sources);
  if ('unknown' in answer) return answer;
  const foreign = answer.uses.flatMap(({ id, usedBytes, programs }): Foreign[] => {
    if (programs.length === 0) {
      return usedBytes !== null && usedBytes > UNSEEN_BYTES ? [{ id, program: null, usedBytes }] : [];
    }
    return programs
      .filter(({ pid }) => pid === null || !isOwn(pid, ownMarkers, sources))
      .map((program) => ({ id, program, usedBytes }));
  });
  return { foreign };
}

/** Deeper than any chain of parents; a chain that goes round because processes came and went ends here. */
const MOST_PARENTS = 64;

/**
 * True for a process of a launch: it, or one of its parents, carries the launch's marker in its environment. An engine
 * that renames itself writes over the environment that is shown of it.
 */
function isOwn(pid: number, markers: readonly string[], { read }: DeviceSources): boolean {
  let at = pid;
  for (let steps = 0; steps < MOST_PARENTS && at > 1; steps += 1) {
    const environment = read(`/proc/${at}/environ`) ?? '';
    if (markers.some((marker) => marker !== '' && environment.includes(marker))) return true;
    // 4242 (VLLM::EngineCore) S 4200 ...; a name may hold parentheses.
    at = Number(/.*\) \S (?<parent>\d+)/s.exec(read(`/proc/${at}/stat`) ?? '')?.groups?.['parent'] ?? 0);
  }
  return false;
}

/** What waiting needs from outside. */
export interface Waiting extends Omit<Watched, 'ownMarkers'> {
  /** Asked each time: other launches begin and end meanwhile. */
  readonly ownMarkers: () => readonly string[];
  readonly policy: ForeignPolicy;
  readonly signal: AbortSignal;
  /** Resolves after so many seconds, or when the signal is aborted. */
  readonly sleep: (seconds: number, signal: AbortSignal) => Promise<void>;
  /** Told once for each thing that is waited for. */
  readonly notify: (reason: string) => void;
}

/** Whether a launch may begin on its devices. */
export type DevicesReady =
  | { readonly kind: 'free' }
  | { readonly kind: 'refused' | 'warned'; readonly reason: string }
  /** The user stopped the run meanwhile. */
  | { readonly kind: 'stopped' };

const POLL_SECONDS = 10;

/** Carries the policy about foreign programs out. What cannot be known refuses nothing: it is a warning. */
export async function waitForDevices(waiting: Waiting, sources: DeviceSources): Promise<DevicesReady> {
  const { policy, signal, sleep, notify } = waiting;
  let told = '';
  while (!signal.aborted) {
    const answer = await foreignProcesses({ ...waiting, ownMarkers: waiting.ownMarkers() }, sources);
    if ('unknown' in answer) {
      return { kind: 'warned', reason: `who else uses the devices is not known: ${answer.unknown}` };
    }
    if (answer.foreign.length === 0) return { kind: 'free' };
    const reason = `other programs are on ${describeForeign(answer.foreign)}`;
    if (policy === 'refuse') return { kind: 'refused', reason };
    if (policy === 'warn') return { kind: 'warned', reason };
    // Who, and not how much memory, which changes all the time.
    const who = JSON.stringify(answer.foreign.map(({ id, program }) => [id, program?.pid, program?.name]));
    if (who !== told) notify(reason);
    told = who;
    await sleep(POLL_SECONDS, signal);
  }
  return { kind: 'stopped' };
}

/** `GPU 0: python3 (process 4242) with 70.1 GiB; GPU 1: 12.0 GiB, of programs that cannot be seen from here`. */
export function describeForeign(foreign: readonly Foreign[]): string {
  return [...Map.groupBy(foreign, ({ id }) => id)]
    .map(([id, all]) => {
      const programs = all.map(({ program, usedBytes }) =>
        program === null
          ? `${gib(usedBytes ?? 0)}, of programs that cannot be seen from here`
          : describeProgram(program),
      );
      return `${gpuLabel(id)}: ${programs.join(', ')}`;
    })
    .join('; ');
}
