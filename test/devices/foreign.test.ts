import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foreignProcesses } from '../../src/devices/foreign.ts';
import { parseMemory, parsePrograms } from '../../src/devices/nvidia-use.ts';
import { APPS, FAILED, facts, type Host, hostSources, printed, USE } from './host.ts';

const FOUR = facts('cuda', 4, ['0', '1', '2', '3']);
const GIB = 2 ** 30;

/** The GPUs of fixtures/nvidia-smi: programs on 0 and 1, 20 GiB without a program on 2, and 3 is lost. */
const BUSY = { [USE]: printed('memory'), [APPS]: printed('compute-apps'), '-L': printed('list') };

async function foreignOn(ids: readonly string[], host: Host, ownMarkers: readonly string[] = []) {
  const answer = await foreignProcesses({ devices: FOUR, ids, ownMarkers }, hostSources(host));
  return 'foreign' in answer ? answer.foreign : expect.fail(answer.unknown);
}

describe('programs on the devices of a launch', () => {
  test('are told with their memory', async () => {
    expect(await foreignOn(['0'], { smi: BUSY })).toEqual([
      // 70000 MiB and 1024 MiB; 71234 MiB on the whole GPU.
      {
        id: '0',
        program: { pid: 4242, name: '/usr/bin/python3', bytes: 70_000 * 1_048_576 },
        usedBytes: 71_234 * 1_048_576,
      },
      {
        id: '0',
        program: { pid: 4300, name: 'VLLM::Worker_TP0, with a comma', bytes: GIB },
        usedBytes: 71_234 * 1_048_576,
      },
    ]);
  });

  test('of other devices are nobody’s business', async () => {
    expect((await foreignOn(['1'], { smi: BUSY })).map(({ id }) => id)).toEqual(['1']);
    expect(await foreignOn(['3'], { smi: BUSY })).toEqual([]);
  });

  test('that may not be told are there all the same', async () => {
    const [foreign] = await foreignOn(['1'], { smi: BUSY });
    expect(foreign?.program).toEqual({ pid: null, name: '[Insufficient Permissions]', bytes: null });
  });

  test('that cannot be seen from a container show by their memory', async () => {
    expect(await foreignOn(['2'], { smi: BUSY })).toEqual([{ id: '2', program: null, usedBytes: 20 * GIB }]);
  });

  // More than 1 GiB, so that what a driver itself takes (some hundred MiB) is nobody.
  test.each([
    { mebibytes: 1024, count: 0 },
    { mebibytes: 1025, count: 1 },
  ])('$mebibytes MiB without a program', async ({ mebibytes, count }) => {
    const smi = { [USE]: `0, GPU-1, ${mebibytes}\n`, [APPS]: printed('compute-apps-none') };
    expect(await foreignOn(['0'], { smi })).toHaveLength(count);
  });

  test('are found by UUID', async () => {
    const [uuid = ''] = [...printed('list').matchAll(/UUID: (GPU-[^)]+)/g)].map((match) => match[1]);
    for (const id of [uuid, uuid.slice(0, 10)]) {
      expect((await foreignOn([id], { smi: BUSY })).map(({ program }) => program?.pid)).toEqual([4242, 4300]);
    }
  });
});

describe('our own launches are not foreign', () => {
  const environ = (marker: string) => `PATH=/bin\0ORCHESTRATE_MARKER=${marker}\0HOME=/root\0`;
  const smi = { ...BUSY, [APPS]: printed('compute-apps').split('\n').slice(0, 2).join('\n') };

  test('by the marker in their environment', async () => {
    const files = { '/proc/4242/environ': environ('m-1'), '/proc/4300/environ': environ('m-2') };
    expect((await foreignOn(['0'], { smi, files }, ['m-1'])).map(({ program }) => program?.pid)).toEqual([4300]);
    expect(await foreignOn(['0'], { smi, files }, ['m-1', 'm-2'])).toEqual([]);
    expect(await foreignOn(['0'], { smi, files }, ['m-3', ''])).toHaveLength(2);
  });

  // vLLM names its processes VLLM::EngineCore and VLLM::Worker_TP0, which writes over argv and what follows it.
  test('by that of a parent, when a process has written over its own', async () => {
    const files = {
      '/proc/4300/environ': 'VLLM::Worker_TP0\0\0\0',
      '/proc/4300/stat': '4300 (VLLM::Worker (T) P0) S 4242 4100 4100 0',
      '/proc/4242/environ': '\0\0',
      '/proc/4242/stat': '4242 (VLLM::EngineCor) R 4100 4100 4100 0',
      '/proc/4100/environ': environ('m-1'),
    };
    expect(await foreignOn(['0'], { smi, files }, ['m-1'])).toEqual([]);
    expect(await foreignOn(['0'], { smi, files }, ['m-2'])).toHaveLength(2);
  });

  test('a chain of parents that goes round ends', async () => {
    const files = { '/proc/4242/stat': '4242 (a) S 4300 1', '/proc/4300/stat': '4300 (b) S 4242 1' };
    expect(await foreignOn(['0'], { smi, files }, ['m-1'])).toHaveLength(2);
  });
});

describe('where there is nothing to be told', () => {
  test.each([
    { what: 'a CPU host', devices: facts('cpu', 8) },
    { what: 'TPU chips', devices: facts('tpu', 4, ['0']) },
    { what: 'unknown devices', devices: null },
  ])('$what: nobody is asked', async ({ devices }) => {
    const sources = hostSources({ smi: BUSY });
    expect(await foreignProcesses({ devices, ids: ['0'], ownMarkers: [] }, sources)).toEqual({ foreign: [] });
    expect(sources.asked).toEqual([]);
  });

  test('without nvidia-smi there is nobody', async () => {
    expect(await foreignOn(['0'], {})).toEqual([]);
  });

  test('instances of a GPU are not told apart, and so not looked at', async () => {
    const smi = { ...BUSY, '-L': printed('list-mig') };
    expect(await foreignOn(['MIG-0c1d2e3f-0a1b-5c2d-8e3f-a0b1c2d3e4f5'], { smi })).toEqual([]);
  });
});

describe('text of nvidia-smi', () => {
  test('of memory: what is not told is null', () => {
    expect(parseMemory(printed('memory')).map(({ usedBytes }) => usedBytes)).toEqual([
      71_234 * 1_048_576,
      4 * 1_048_576,
      20 * GIB,
      null,
    ]);
  });

  test('may be anything', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.constantFrom('GPU-1, ', '12, ', '[N/A]', 'x', '\n')), (a, b) => {
        for (const { pid, bytes } of parsePrograms(a + b.join(''))) expect([pid, bytes]).not.toContain(Number.NaN);
        for (const { usedBytes } of parseMemory(a + b.join(''))) expect(usedBytes).not.toBeNaN();
      }),
    );
  });

  test('a question about programs that fails leaves the memory', async () => {
    const smi = { [USE]: printed('memory'), [APPS]: FAILED };
    expect(await foreignOn(['2'], { smi })).toEqual([{ id: '2', program: null, usedBytes: 20 * GIB }]);
  });
});
