import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { markedProcesses } from '../../src/executors/processes.ts';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, point } from './runs.ts';

vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

/** A process as a launch would have left it, and what the journal says of its attempt. */
async function leftBehind(directory: string, isEnded: boolean, began = new Date()) {
  const marker = randomUUID();
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore', env: { ORCHESTRATE_MARKER: marker } });
  child.unref();
  await vi.waitFor(() => expect(markedProcesses([marker])).toHaveLength(1));
  const at = began.toISOString();
  const events = [
    {
      ...{ event: 'attempt_started', at, attempt: '0009_x', launch: 'x-s0', start: 0, max_model_len: 1 },
      ...{ log: 'x.log', handle: { marker } },
    },
    ...(isEnded
      ? [
          {
            event: 'attempt_ended',
            at,
            attempt: '0009_x',
            outcome: { kind: 'cancelled' },
            reason: null,
            left_behind: [],
          },
        ]
      : []),
  ];
  appendFileSync(join(directory, 'events.jsonl'), events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  return { marker, end: () => child.kill('SIGKILL') };
}

describe.runIf(process.platform === 'linux')('a process of an attempt without an end in the journal', () => {
  test('is ended before anything is started, and told of', async () => {
    const directory = emptyFolder();
    await leftBehind(directory, false);
    // carryOut looks for survivors.
    const finished = await carryOut([point('measures')], { directory, now: () => new Date() });
    expect(finished.notices).toContainEqual({
      kind: 'note',
      text: expect.stringMatching(/^1 process(?:es)? of an interrupted run .* ended$/),
    });
  });

  test("is ended also when the clock was set back since: its marker is nobody else's", async () => {
    const directory = emptyFolder();
    const inAnHour = new Date(Date.now() + 3600_000);
    const { marker, end } = await leftBehind(directory, false, inAnHour);
    try {
      await carryOut([point('measures')], { directory, now: () => new Date() });
      expect(markedProcesses([marker])).toEqual([]);
    } finally {
      end();
    }
  });

  test('is left alone when its attempt has ended: the executor has looked after it', async () => {
    const directory = emptyFolder();
    const { marker, end } = await leftBehind(directory, true);
    try {
      await expect(carryOut([point('measures')], { directory, now: () => new Date() })).rejects.toThrow();
      expect(markedProcesses([marker])).toHaveLength(1);
    } finally {
      end();
    }
  });
});
