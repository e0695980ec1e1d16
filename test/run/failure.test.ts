import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { classOfMeasurementError, failureOf, failureOfMeasurement } from '../../src/run/failure.ts';
import { FAILURE_CLASSES } from '../../src/schema/failure-class.ts';
import type { Outcome } from '../../src/schema/outcome.ts';
import { fixtureText } from '../fixtures/vllm.ts';
import { emptyFolder } from '../journal/folder.ts';

const FAILED: Outcome = { kind: 'exited', exitCode: 1 };
const EARLY = { ready: false };

function reason(stdout: string, stderr = '', outcome = FAILED, when = EARLY) {
  const folder = emptyFolder();
  writeFileSync(join(folder, 'stdout.log'), stdout);
  writeFileSync(join(folder, 'stderr.log'), stderr);
  return failureOf(folder, outcome, when).reason;
}

const recorded = (name: string) => reason(fixtureText(name, 'stdout.txt') ?? '', fixtureText(name, 'stderr.txt') ?? '');

test('one sentence: what happened, the line that says so, how it ended, what to do with which figure', () => {
  expect(recorded('fail-kv-too-small')).toEqual({
    code: 'kv-cache-too-small',
    message:
      'the KV cache does not hold one request of this length: ValueError: To serve at least one request with the ' +
      "model's max seq len (16384), (0.03 GiB KV cache is needed, which is larger than the available KV cache memory " +
      '(0.02 GiB). ... (the engine exited with code 1 before it was ' +
      'ready); at most 8,064 tokens fit: shorten the longest point, raise gpu_memory_utilization or ' +
      'tensor_parallel_sizes, or take kv_cache_dtype: fp8',
    status: 'TERMINATED_DUE_TO_FATAL_ERROR',
  });
});

test('a KV cache for which nothing is left fits no length', () => {
  const { message } = reason(
    'ERROR 07-01 10:00:00 [core.py:390] ValueError: No available memory for the cache blocks. Try',
  );
  expect(message).toContain('; nothing is left for it beside the weights: shorten');
});

test('a failure without a word, and one of which only the outcome tells', () => {
  expect(reason('', '', { kind: 'signalled', signal: 'SIGKILL' }, { ready: true }).message).toBe(
    'the engine ended before it was through (the engine was killed by SIGKILL); dmesg says whether the kernel did it ' +
      'because the memory of the host ran out',
  );
  expect(reason('', 'ValueError: before', { kind: 'timed-out', afterSeconds: 60 }, { ready: true })).toEqual({
    code: 'timed-out',
    message:
      'a step took longer than timeout_minutes (the engine was stopped after its time limit of 60 s); raise ' +
      'timeout_minutes, or shorten the point',
  });
  expect(reason('', '', { kind: 'not-started', reason: 'spawn python ENOENT' }).message).toBe(
    'the program of the engine could not be started (the engine did not start: spawn python ENOENT); see with ' +
      'orchestrate doctor whether Python and vLLM are there',
  );
});

test('a long text without an end is cut behind a word', () => {
  // 240 characters: `ValueError: ` and 57 words of 4; the blank before the next is left out.
  const { message } = reason('', `ValueError: ${'abc '.repeat(1000)}`);
  expect(message).toContain(`: ValueError: ${'abc '.repeat(57)}... (the engine`);
});

test('streams that are not there are empty ones', () => {
  expect(failureOf(emptyFolder(), FAILED, EARLY).reason.code).toBe('engine-died');
});

describe('an XID in the telemetry of the attempt', () => {
  // As src/drivers/sampler.py writes it; NVIDIA: 79 is a GPU that has fallen off the bus, 31 an error of the program.
  const sample = (xids: readonly object[]) => {
    const told = { unix_s: 1, cpu_load: 0.5, cpu_load_own: 0.5, cpu_mhz: null, host_memory_available_bytes: null };
    return JSON.stringify({ line: 'sample', ...told, gpus: [], xids });
  };
  const told = (xid: number, stdout: string) => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'stdout.log'), stdout);
    const lines = [sample([]), sample([{ device: '0000:3b:00', xid }]), '{"line": "sample", "xid":'];
    writeFileSync(join(folder, 'telemetry.jsonl'), `${lines.join('\n')}\n`);
    return failureOf(folder, FAILED, { ready: true }).reason;
  };
  const engine = (said: string) => `(EngineCore pid=81) ERROR 11-22 05:29:51 [core.py:708] ${said}`;

  test('explains what the engine only felt', () => {
    expect(told(79, engine('RuntimeError: CUDA error: unspecified launch failure'))).toMatchObject({
      code: 'device-lost',
      message: expect.stringContaining(
        "XID 79 in the kernel's log, then RuntimeError: CUDA error: unspecified launch failure (the engine",
      ),
    });
    expect(told(79, '')).toMatchObject({ code: 'device-lost' });
  });

  test('of the program is no loss of the device, and no XID is the cause of a full memory', () => {
    expect(told(31, engine('RuntimeError: CUDA error: unspecified launch failure')).code).toBe('kernel-fault');
    expect(told(79, engine('torch.OutOfMemoryError: CUDA out of memory.')).code).toBe('device-memory');
  });
});

describe("the source document's two texts", () => {
  const START = 'EngineCore failed to start.';
  const NVLINK = 'RuntimeError: NVRM: Xid 74: uncorrectable NVLink error';
  test.each([
    ['', undefined],
    [START, 'TERMINATED_DUE_TO_FATAL_ERROR'],
    [NVLINK, 'RETRYABLE_ERROR'],
    [`${START}\n${NVLINK}`, 'RETRYABLE_ERROR'],
  ])('%j: %s', (stdout, status) => {
    expect(reason(stdout).status).toBe(status);
    expect(reason('', stdout).status).toBe(status);
  });

  test('are not asked for when the user stopped it', () => {
    expect(reason(NVLINK, '', { kind: 'cancelled' })).not.toHaveProperty('status');
  });

  test('the retryable one is retried, wherever it stands', () => {
    expect(FAILURE_CLASSES[reason(`INFO 11-22 10:00:00 [x.py:1] ${NVLINK}`).code].transient).toBe(true);
    expect(FAILURE_CLASSES[reason(START).code].transient).toBe(false);
  });
});

test.each([
  ['OutOfMemoryError: CUDA out of memory. Tried to allocate 1.75 GiB', 'device-memory'],
  ["ValueError: prompt_len 5000 + output_len 9 is more than the engine's max_model_len 4096", 'point-too-long'],
  ['EngineDeadError: EngineCore encountered an issue. See stack trace (above) for the root cause.', 'engine-died'],
  ['MQEngineDeadError: Engine loop is not running.', 'engine-died'],
  ['ValueError: prompt too long', 'measurement'],
  ['the driver gave no reason', 'measurement'],
])('of one measurement: %s is %s', (error, id) => {
  expect(classOfMeasurementError(error)).toBe(id);
  expect(failureOfMeasurement(error)).toMatchObject({ code: id, message: expect.stringContaining(error) });
});
