import { expect, test } from 'vitest';
import { engineCoreIsGone, showsProgress } from '../../parsers/engine-progress.ts';
import { fixtureNames, fixtureStreams } from '../fixtures/vllm.ts';

const lines = (name: string) => [...fixtureStreams(name).stdout].map(({ text }) => text);

test('of the recorded runs, two say that the engine core is gone: it was killed, or its parent had an exception', () => {
  expect(fixtureNames().filter((name) => lines(name).some(engineCoreIsGone))).toEqual([
    'fail-quiet-maxlen-too-small',
    'kill-sigkill-enginecore',
  ]);
});

test('every line of a sound run shows progress, but for those that wait', () => {
  for (const name of ['ok-eager', 'm5-driver-6cfg-once', 'load-auto-r1']) {
    const idle = lines(name).filter((text) => text !== '' && !showsProgress(text));
    expect(idle.filter((text) => !/Waiting for \d+ local/.test(text))).toEqual([]);
  }
});

test.each([
  // vLLM 0.32: vllm/distributed/device_communicators/shm_broadcast.py, v1/engine/utils.py, v1/metrics/loggers.py
  'INFO 11-22 05:45:59 [shm_broadcast.py:542] No available shared memory broadcast block found in 60 seconds. This typically',
  'INFO 11-22 05:45:59 [utils.py:1407] Waiting for 1 local, 0 remote core engine proc(s) to start.',
  'INFO 11-22 05:45:59 [loggers.py:335] Engine 000: Avg prompt throughput: 0.0 tokens/s, Avg generation throughput: 0.0 tokens/s, Running: 256 reqs',
  '',
])('%j shows none', (line) => expect(showsProgress(line)).toBe(false));

test.each([
  'INFO 11-22 05:45:59 [loggers.py:335] Engine 000: Avg prompt throughput: 0.0 tokens/s, Avg generation throughput: 5482.8 tokens/s',
  'INFO 11-22 05:45:59 [loggers.py:335] Engine 000: Avg prompt throughput: 120.5 tokens/s, Avg generation throughput: 0.0 tokens/s',
  'anything else',
])('%j shows some', (line) => expect(showsProgress(line)).toBe(true));
