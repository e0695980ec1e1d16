import { expect, test } from 'vitest';
import { parseDecisiveError } from '../../parsers/decisive-error.ts';
import { linesOf } from '../../parsers/evidence.ts';

const decisive = (stdout: string, stderr = '') =>
  parseDecisiveError({ stdout: linesOf(stdout), stderr: linesOf(stderr) });
const engine = (said: string) => `(EngineCore pid=3001) ERROR 11-22 05:29:51 [core.py:1510] ${said}`;
const worker = (said: string) => `(Worker pid=10511) ERROR 11-22 05:35:12 [multiproc_executor.py:953] ${said}`;

const FOLLOW_UP = 'RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}';

test('the first exception that an engine process logs, not what follows from it', () => {
  const stdout = [
    worker('WorkerProc failed to start.'),
    worker('Traceback (most recent call last):'),
    worker('    raise ValueError('),
    worker('safetensors._safetensors_rust.SafetensorError: Error while deserializing header'),
    engine('Exception: WorkerProc initialization failed due to an exception in a background process.'),
    engine('ValueError: a later one'),
  ];
  expect(decisive(stdout.join('\n'), FOLLOW_UP)).toEqual({
    text: 'SafetensorError: Error while deserializing header',
    exception: 'SafetensorError',
    details: [],
    by: 'engine',
    stream: 'stdout',
    line: 4,
  });
});

test('process names of every version, and none before 0.10.1', () => {
  for (const process of ['EngineCore_0 pid=1', 'EngineCore_DP0 pid=1', 'Worker_TP0 pid=77', 'VllmWorker-0 pid=8469']) {
    const line = `(${process}) ERROR 11-22 05:29:51 [core.py:15] torch.OutOfMemoryError: CUDA out of memory.`;
    expect(decisive(line)).toMatchObject({ text: 'OutOfMemoryError: CUDA out of memory.' });
  }
  expect(decisive('ERROR 07-01 10:00:00 [core.py:390] ValueError: no blocks')).toMatchObject({
    exception: 'ValueError',
  });
});

test('a log that goes to stderr (VLLM_LOGGING_STREAM) is read as well', () => {
  expect(decisive('', `${engine('ValueError: cause')}\n${FOLLOW_UP}`)).toMatchObject({
    text: 'ValueError: cause',
    stream: 'stderr',
  });
});

test('the main process logs errors that are no exceptions', () => {
  expect(
    decisive('(MainProcess pid=1415) ERROR 11-22 05:27:59 [repo_utils.py:126] Error parsing config for x: y'),
  ).toBeNull();
});

test('else the last exception on stderr; a chain ends in the one that matters', () => {
  const stderr = `Traceback (most recent call last):
    raise OSError(f"{e}") from e
OSError: first
During handling of the above exception, another exception occurred:
OSError: We couldn't connect to 'https://huggingface.co' to load the files
Check your internet connection`;
  expect(decisive('', stderr)).toMatchObject({
    text: "OSError: We couldn't connect to 'https://huggingface.co' to load the files",
    stream: 'stderr',
    line: 5,
  });
});

test('an in-process engine prefixes its rank', () => {
  expect(decisive('', '[rank0]:     raise ValueError(\n[rank0]: ValueError: no kernel')).toMatchObject({
    text: 'ValueError: no kernel',
    line: 2,
  });
});

test('a pydantic error says what is wrong on the next line, or after the name of the field', () => {
  const summary = 'pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig';
  const detail =
    "  Value error, Unknown quantization method: x. [type=value_error, input_value=ArgsKwargs((), {'model_co... 'shutdown_timeout': 0}), input_type=ArgsKwargs]";
  const link = '    For further information visit https://errors.pydantic.dev/2.14/v/value_error';
  const expected = { text: 'Value error, Unknown quantization method: x.', exception: 'ValidationError' };
  expect(decisive('', [summary, detail, link].join('\n'))).toMatchObject({ ...expected, line: 2 });
  expect(decisive('', [summary, 'quantization', detail, link].join('\n'))).toMatchObject({ ...expected, line: 3 });
});

test('argparse', () => {
  expect(decisive('', 'usage: vllm bench\nvllm: error: unrecognized arguments: --no-such-flag 3')).toEqual({
    text: 'vllm: error: unrecognized arguments: --no-such-flag 3',
    exception: null,
    details: [],
    by: 'traceback',
    stream: 'stderr',
    line: 2,
  });
});

test('a message of several lines, while another process writes; it ends where another traceback begins', () => {
  const stdout = [
    worker('torch.distributed.DistBackendError: NCCL error in: NCCLUtils.cpp:94'),
    engine('Traceback (most recent call last):'),
    worker('ncclSystemError: System call failed.'),
    worker(''),
    worker('Last error:'),
    worker('The above exception was the direct cause of the following exception:'),
    worker('Error: not of it'),
  ];
  expect(decisive(stdout.join('\n'))).toMatchObject({
    line: 1,
    details: ['ncclSystemError: System call failed.', 'Last error:'],
  });
  const traceback = [
    'OSError: You are trying to access a gated repo.',
    'Make sure to have access.',
    '',
    '401 Client Error.',
  ];
  expect(decisive('', traceback.join('\n'))).toMatchObject({
    line: 1,
    details: ['Make sure to have access.', '401 Client Error.'],
  });
});

test('the kernel knows best, then the last words of a process, then those who waited for it', () => {
  const waited = engine('Worker proc VllmWorker-0 died unexpectedly (exit code: -6), shutting down executor.');
  const words = "terminate called after throwing an instance of 'std::bad_alloc'\n  what():  std::bad_alloc";
  const kernel = 'Nov  2 05:31:07 h kernel: Out of memory: Killed process 7 (python) total-vm:1kB';
  const error = worker('ValueError: after it');
  expect(decisive(waited, words)).toMatchObject({ text: 'std::bad_alloc', by: 'last-words' });
  expect(decisive(waited)).toMatchObject({ by: 'notice', exception: null });
  expect(decisive(`${waited}\n${error}`, `${words}\n${kernel}`)).toMatchObject({
    text: 'Out of memory: Killed process 7 (python) total-vm:1kB',
    by: 'kernel',
  });
  expect(decisive(`${waited}\n${error}`, words)).toMatchObject({ text: 'ValueError: after it' });
});

test('what Python prints about its own shutdown is no cause', () => {
  const stderr = 'ValueError: cause\nException ignored in: <function X.__del__>\nTraceback\nTypeError: NoneType';
  expect(decisive('', stderr)).toMatchObject({ text: 'ValueError: cause' });
});

test('a killed process leaves only what others say about it', () => {
  const died = engine('Worker proc VllmWorker-0 died unexpectedly (exit code: -9), shutting down executor.');
  const stderr = 'vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue.';
  expect(decisive(died, stderr)).toMatchObject({
    text: 'Worker proc VllmWorker-0 died unexpectedly (exit code: -9), shutting down executor.',
    exception: null,
  });
  expect(decisive('', stderr)).toMatchObject({ exception: 'EngineDeadError' });
});

test('nothing there', () => {
  expect(decisive('Throughput: 1.00 requests/s', 'UserWarning: x\n    raise ValueError(')).toBeNull();
});
