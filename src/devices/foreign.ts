import type { DeviceFacts } from '../schema/facts.ts';
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
