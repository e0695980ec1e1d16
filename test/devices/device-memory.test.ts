import { describe, expect, test } from 'vitest';
import { memoryInUse, waitForMemory } from '../../src/devices/device-memory.ts';
import type { SmiAnswer } from '../../src/devices/sources.ts';
import { APPS, FAILED, facts, hostSources, printed, SILENT, USE } from './host.ts';

const TWO = facts('cuda', 2, ['0', '1']);
const MIB = 2 ** 20;

interface Evening {
  /** MiB in use on GPU 0, one a second; the last one stays. */
  readonly used: readonly (number | string)[];
  readonly before?: number;
  readonly programs?: string;
  readonly stopAfter?: number;
  readonly limitSeconds?: number;
}

async function ended({ used, before = 500, programs = '', stopAfter, limitSeconds }: Evening) {
  const stop = new AbortController();
  let seconds = 0;
  const nvidiaSmi = async (args: readonly string[]): Promise<SmiAnswer> =>
    args[0] === USE
      ? { kind: 'told', text: `0, GPU-1, ${used[Math.min(seconds, used.length - 1)]}\n1, GPU-2, 90000\n` }
      : { kind: 'told', text: programs };
  const held = await waitForMemory(
    {
      ...{
        devices: TWO,
        ids: ['0'],
        before: new Map([['0', before * MIB]]),
        clock: () => seconds,
        signal: stop.signal,
      },
      sleep: async (time) => {
        seconds += time;
        if (seconds === stopAfter) stop.abort();
      },
      ...(limitSeconds === undefined ? {} : { limitSeconds }),
    },
    { ...hostSources({}), nvidiaSmi },
  );
  return { held, seconds };
}

describe('after a launch', () => {
  test('memory that is free again is waited for, and no longer', async () => {
    expect(await ended({ used: [80_000, 80_000, 40_000, 520] })).toEqual({ held: [], seconds: 3 });
    expect(await ended({ used: [500] })).toEqual({ held: [], seconds: 0 });
  });

  // What was in use before, and 512 MiB.
  test.each([
    { used: 1012, isFree: true },
    { used: 1013, isFree: false },
  ])('$used MiB, of which 500 were in use before: free is $isFree', async ({ used, isFree }) => {
    expect((await ended({ used: [used] })).held).toHaveLength(isFree ? 0 : 1);
  });

  test('what is still held after 60 s is told, and by whom', async () => {
    const programs = 'GPU-1, 77, VLLM::EngineCore, 72180\n';
    expect(await ended({ used: [72_180], programs })).toEqual({
      // 72180 - 500 = 71680 MiB = 70 GiB; 72180 MiB = 70.5 GiB.
      held: ['GPU 0 has 70.0 GiB more in use than before the launch: VLLM::EngineCore (process 77) with 70.5 GiB'],
      seconds: 60,
    });
    const { held } = await ended({ used: [72_180] });
    expect(held).toEqual([expect.stringContaining('no program that can be seen from here')]);
  });

  test('the limit is the caller’s, and a stop ends the waiting', async () => {
    expect((await ended({ used: [9000], limitSeconds: 5 })).seconds).toBe(5);
    expect(await ended({ used: [9000], stopAfter: 2 })).toEqual({ held: [expect.any(String)], seconds: 2 });
  });

  test('memory that is no longer told is not held against anybody', async () => {
    expect(await ended({ used: ['[N/A]'] })).toEqual({ held: [], seconds: 0 });
  });
});

describe('what is in use', () => {
  test('is known of devices that tell it', async () => {
    const sources = hostSources({ smi: { [USE]: printed('memory'), [APPS]: printed('compute-apps') } });
    // 71234 MiB, and GPU 3 is lost.
    expect(await memoryInUse(facts('cuda', 4), ['0', '3'], sources)).toEqual(new Map([['0', 71_234 * MIB]]));
  });

  test.each([
    { what: 'a hanging nvidia-smi', devices: TWO, smi: { [USE]: SILENT } },
    { what: 'a failing nvidia-smi', devices: TWO, smi: { [USE]: FAILED } },
    { what: 'a CPU host', devices: facts('cpu', 2), smi: { [USE]: '0, GPU-1, 5\n', [APPS]: '' } },
    { what: 'no nvidia-smi', devices: TWO, smi: undefined },
  ])('$what: is not known, and so nothing is waited for', async ({ devices, smi }) => {
    const sources = hostSources(smi === undefined ? {} : { smi });
    const before = await memoryInUse(devices, ['0'], sources);
    expect(before.size).toBe(0);
    const never = async () => expect.fail('waited');
    const wait = { devices, ids: ['0'], before, clock: () => 0, signal: new AbortController().signal, sleep: never };
    expect(await waitForMemory(wait, sources)).toEqual([]);
  });

  test('a GPU that is lost meanwhile ends the waiting with the reason', async () => {
    const wait = {
      ...{ devices: TWO, ids: ['0'], before: new Map([['0', 0]]), clock: () => 0 },
      ...{ signal: new AbortController().signal, sleep: async () => expect.fail('waited') },
    };
    const held = await waitForMemory(wait, hostSources({ smi: { [USE]: FAILED } }));
    expect(held).toEqual([expect.stringMatching(/not known.*GPU is lost/)]);
  });
});
