import { describe, expect, test } from 'vitest';
import { parseEngineLog } from '../../parsers/engine-log.ts';
import { linesOf } from '../../parsers/evidence.ts';
import { classOfLine, failureIn } from '../../parsers/failure-class.ts';
import { FAILURE_CLASSES, type FailureClassId } from '../../src/schema/failure-class.ts';
import type { Outcome } from '../../src/schema/outcome.ts';
import { fixtureExitCode, fixtureNames, fixtureStreams } from '../fixtures/vllm.ts';
import { engine, FAILURE_TEXTS, worker } from './failure-texts.ts';

const FAILED: Outcome = { kind: 'exited', exitCode: 1 };

function failure(stdout: readonly string[], stderr: readonly string[] = [], outcome = FAILED) {
  const streams = { stdout: linesOf(stdout.join('\n')), stderr: linesOf(stderr.join('\n')) };
  return failureIn(parseEngineLog(streams), outcome);
}

/** The failure catalog that was written when these runs of vLLM 0.32.0 were recorded; kills leave nothing to read. */
const RECORDED: Readonly<Record<string, FailureClassId>> = {
  'fail-hf-id-offline': 'model-offline',
  'fail-kv-too-small': 'kv-cache-too-small',
  'fail-maxlen-too-large': 'max-model-len',
  'fail-maxlen-too-small': 'point-too-long',
  'fail-model-path-missing': 'model-not-found',
  'fail-no-tokenizer': 'bad-checkpoint',
  'fail-quiet-kv-too-small': 'kv-cache-too-small',
  'fail-quiet-maxlen-too-small': 'point-too-long',
  'fail-quiet-model-path-missing': 'model-not-found',
  'fail-safetensors-truncated': 'bad-checkpoint',
  'fail-tp3-heads': 'parallel-size',
  'fail-unknown-flag': 'wrong-flag',
  'fail-unknown-quant': 'unsupported-quantization',
  'fail-unwritable-json': 'engine-died',
  'kill-sigint-group': 'engine-died',
  'kill-sigint-ignored-then-sigterm': 'engine-died',
  'kill-sigint-main-inproc': 'engine-died',
  'kill-sigkill-enginecore': 'engine-died',
  'kill-sigkill-main': 'engine-died',
  'kill-sigkill-startup': 'engine-died',
  'kill-sigterm-main': 'engine-died',
  'kill-sigterm-startup': 'engine-died',
  'load-fastsafetensors-r1': 'engine-died',
  'load-instanttensor-r1': 'engine-died',
  'load-sharded_state-r1': 'bad-checkpoint',
  'load-tensorizer-r1': 'engine-died',
  'quant-ckpt-fp8': 'unsupported-quantization',
  'quant-ckpt-modelopt-fp4': 'unsupported-quantization',
  'quant-flag-compressed-tensors': 'unsupported-quantization',
  'quant-flag-fp8': 'unsupported-quantization',
  'quant-flag-fp8-multiproc': 'unsupported-quantization',
  'quant-flag-fp8_per_tensor': 'unsupported-quantization',
  'quant-flag-modelopt': 'unsupported-quantization',
  'quant-flag-mxfp4': 'unsupported-quantization',
};

const SIGNALS: Readonly<Record<string, string>> = { '-2': 'SIGINT', '-9': 'SIGKILL', '-15': 'SIGTERM' };

/** How a recorded run ended; the one without an exit code was ended by SIGTERM. */
function recordedOutcome(name: string): Outcome {
  const code = fixtureExitCode(name) ?? -15;
  return code < 0 ? { kind: 'signalled', signal: SIGNALS[code] ?? '' } : { kind: 'exited', exitCode: code };
}

describe('recorded runs of vLLM 0.32.0', () => {
  test('are all there', () => {
    const failed = fixtureNames().filter((name) => /^(?:fail|kill)-/.test(name) || (fixtureExitCode(name) ?? 0) !== 0);
    expect(Object.keys(RECORDED).toSorted()).toEqual(failed);
  });

  test.each(Object.entries(RECORDED))('%s: %s', (name, id) => {
    expect(failureIn(parseEngineLog(fixtureStreams(name)), recordedOutcome(name)).class).toBe(id);
  });

  test('a KV cache that is too small tells the largest length that would fit', () => {
    // The last sentence of its message: `the estimated maximum model length is 8064`.
    expect(failureIn(parseEngineLog(fixtureStreams('fail-kv-too-small')), FAILED).fits).toBe(8064);
  });

  test('an engine core that was killed is no hang, however long its parent waits', () => {
    const log = parseEngineLog(fixtureStreams('kill-sigkill-enginecore'));
    expect(failureIn(log, { kind: 'stalled', afterSeconds: 300 }).class).toBe('engine-died');
    expect(failureIn(log, { kind: 'timed-out', afterSeconds: 300 }).class).toBe('engine-died');
  });
});

describe('texts of other versions and devices', () => {
  test.each(FAILURE_TEXTS)('$class: $decisive ($from)', ({ class: id, stdout = [], stderr = [], decisive }) => {
    const found = failure(stdout, stderr);
    expect(found.class).toBe(id);
    expect(found.decisive?.slice(0, decisive.length)).toBe(decisive);
  });

  test.each(FAILURE_TEXTS.filter((text) => text.class !== 'engine-died'))(
    'without its decisive lines it is another: $class: $decisive ($from)',
    ({ class: id, stdout = [], stderr = [], decisive, key = decisive.replace(/^(?:\w+:|Value error,) /, '') }) => {
      const others = (lines: readonly string[]) => lines.filter((line) => !line.includes(key));
      expect(failure(others(stdout), others(stderr)).class).not.toBe(id);
    },
  );

  test('every class that a log tells has a text, or a recorded run', () => {
    const told = new Set([...FAILURE_TEXTS.map((text) => text.class), ...Object.values(RECORDED)]);
    const byOutcome = [
      'cancelled',
      'lost',
      'measurement',
      'no-result',
      'not-started',
      'timed-out',
      'unreadable-result',
    ];
    expect([...told, ...byOutcome].toSorted()).toEqual(Object.keys(FAILURE_CLASSES).toSorted());
  });
});

describe('the length that fits', () => {
  const needed =
    "ValueError: To serve at least one request with the models's max seq len (16384), (2.00 GiB KV cache is ";
  test.each([
    // vllm/v1/core/kv_cache_utils.py 0.9.2: as later, with another space.
    ['0.9.2', 'Based on the available memory, the estimated maximum model length is 9072. Try increasing', 9072],
    // 0.8.5 concatenates no string there, and prints the first half only.
    ['0.8.5', 'Based on the available memory,  Try increasing `gpu_memory_utilization`', null],
  ])('vLLM %s', (_version, rest, fits) => {
    const said = `${needed}needed, which is larger than the available KV cache memory (1.11 GiB). ${rest}`;
    expect(failure([engine(said)])).toMatchObject({ class: 'kv-cache-too-small', fits });
  });

  test('is 0 where no memory is left for the cache at all, and of no other failure', () => {
    expect(failure([engine('ValueError: No available memory for the cache blocks. Try')]).fits).toBe(0);
    expect(failure([engine('torch.OutOfMemoryError: CUDA out of memory.')]).fits).toBeNull();
  });
});

describe('how the process ended', () => {
  const oom = [engine('torch.OutOfMemoryError: CUDA out of memory.')];
  const benign = ['Traceback (most recent call last):', 'ValueError: in a thread that nobody needs'];
  test.each<[Outcome, readonly string[], readonly string[], FailureClassId]>([
    [{ kind: 'cancelled' }, oom, [], 'cancelled'],
    [{ kind: 'stalled', afterSeconds: 9 }, [], [], 'hang'],
    [{ kind: 'stalled', afterSeconds: 9 }, [], benign, 'hang'],
    [{ kind: 'stalled', afterSeconds: 9 }, oom, [], 'device-memory'],
    [{ kind: 'timed-out', afterSeconds: 9 }, [], benign, 'timed-out'],
    [{ kind: 'timed-out', afterSeconds: 9 }, oom, [], 'device-memory'],
    [{ kind: 'lost', reason: 'restarted' }, [], [], 'lost'],
    [{ kind: 'lost', reason: 'restarted' }, oom, [], 'device-memory'],
    [{ kind: 'signalled', signal: 'SIGKILL' }, [], [], 'engine-died'],
    [{ kind: 'signalled', signal: 'SIGBUS' }, [], [], 'shared-memory'],
    [{ kind: 'exited', exitCode: 0 }, [], [], 'engine-died'],
    [{ kind: 'not-started', reason: 'spawn /nowhere/python ENOENT' }, [], [], 'not-started'],
    [{ kind: 'not-started', reason: 'spawn python ENOMEM' }, [], [], 'host-memory'],
    [{ kind: 'not-started', reason: "ENOSPC: no space left on device, open 'x'" }, [], [], 'disk-full'],
  ])('%o, %j, %j: %s', (outcome, stdout, stderr, id) => {
    expect(failure(stdout, stderr, outcome).class).toBe(id);
  });
});

describe('what only looks like it', () => {
  const info = (said: string) => `(EngineCore_DP0 pid=81) INFO 11-22 05:29:51 [core.py:58] ${said}`;
  test.each([
    'torch.OutOfMemoryError: CUDA out of memory.',
    "Received request 1: prompt: 'OSError: [Errno 28] No space left on device'",
    "Received request 1: prompt: 'Worker proc VllmWorker-0 died unexpectedly (exit code: -7)'",
    "model='CUDA out of memory', tokenizer='GatedRepoError: 401 Client Error'",
    'NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus.',
  ])('on an INFO line: %s', (said) => {
    expect(failure([info(said)])).toEqual({ class: 'engine-died', decisive: null, fits: null });
  });

  test.each([
    'CUDA out of memory',
    'No space left on device',
    'org/uncorrectable-ECC',
    'Unknown quantization method: x',
    'Address already in use',
    'NCCL error',
  ])('the name of a model: %s', (model) => {
    const listed =
      "is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'";
    expect(failure([], [`OSError: ${model} ${listed}`]).class).toBe('model-not-found');
    expect(failure([], [`OSError: ${model} does not appear to have a file named config.json.`]).class).toBe(
      'bad-checkpoint',
    );
  });

  test('what Python prints on shutdown, and what the driver prints', () => {
    const shutdown = ['Exception ignored in: <function X.__del__>', 'OSError: [Errno 28] No space left on device'];
    expect(failure(['OSError: [Errno 28] No space left on device'], shutdown).class).toBe('engine-died');
  });
});

describe('the cause, and not what followed from it', () => {
  const gone = worker(
    'torch.distributed.DistBackendError: NCCL error in: NCCLUtils.cpp:94, remote process exited or there was a network error',
  );
  const closed = worker(
    'RuntimeError: [../third_party/gloo/gloo/transport/tcp/pair.cc:534] Connection closed by peer [127.0.1.1]:29500',
  );
  const retold = engine(
    "RuntimeError: Worker failed with error 'CUDA', please check the stack trace above for the root cause",
  );
  const pipes = [worker('BrokenPipeError: [Errno 32] Broken pipe'), worker('EOFError')];
  test('whichever process logs first', () => {
    for (const followed of [gone, closed, retold, ...pipes]) {
      const cause = engine('torch.OutOfMemoryError: CUDA out of memory.');
      expect(failure([followed, cause]).class).toBe('device-memory');
      expect(failure([cause, followed]).class).toBe('device-memory');
    }
  });

  test('a rank that died without a word is no trouble of the link', () => {
    const died = engine('Worker proc VllmWorker-0 died unexpectedly (exit code: -9), shutting down executor.');
    expect(failure([gone, died])).toMatchObject({
      class: 'engine-died',
      decisive: expect.stringMatching('Worker proc'),
    });
  });
});

test.each<[string, FailureClassId | null]>([
  ['OutOfMemoryError: CUDA out of memory. Tried to allocate 1.75 GiB', 'device-memory'],
  ["ValueError: prompt_len 5000 + output_len 9 is more than the engine's max_model_len 4096", 'point-too-long'],
  [
    'VLLMValidationError: The decoder prompt (length 9) is longer than the maximum model length of 8. Make',
    'point-too-long',
  ],
  ['OSError: [Errno 28] No space left on device', 'disk-full'],
  ['EngineProcessDeadError: engine process VllmWorker-0 was killed by SIGBUS', 'shared-memory'],
  // huggingface_hub, httpx, requests, transformers 5.19
  ['RepositoryNotFoundError: 404 Client Error. (Request ID: Root=1-66a71178)', 'model-not-found'],
  ['OSError: v9 is not a valid git identifier (branch name, tag name or commit id) that exists for', 'model-not-found'],
  ["HTTPStatusError: Client error '401 Unauthorized' for url 'https://huggingface.co/x'", 'model-gated'],
  ["ConnectionError: (MaxRetryError(\"HTTPSConnectionPool(host='huggingface.co', port=443)", 'model-offline'],
  ["ConnectError: cannot reach 'cas-bridge.xethub.hf.co'", 'model-offline'],
  ['OSError: There was a specific connection error when trying to load org/x:', 'model-offline'],
  ["OSError: It looks like the config file at '/m/config.json' is not a valid JSON file.", 'bad-checkpoint'],
  [
    'ValueError: The checkpoint you are trying to load has model type `new` but Transformers does not',
    'unsupported-model',
  ],
  // torch, Python, and libraries that are written in Rust
  ['RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory', 'bad-checkpoint'],
  ["UnpicklingError: invalid load key, 'v'.", 'bad-checkpoint'],
  ['RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`', 'device-memory'],
  ['MemoryError', 'host-memory'],
  ['OSError: [Errno 12] Cannot allocate memory', 'host-memory'],
  ["OSError: [Errno 28] No space left on device: '/dev/shm/psm_1'", 'shared-memory'],
  ['RuntimeError: unable to write to file </torch_77_1>: No space left on device (28)', 'shared-memory'],
  ['OSError: [Errno 122] Disk quota exceeded', 'disk-full'],
  ['RuntimeError: Data processing error: IO Error: No space left on device (os error 28)', 'disk-full'],
  ['RuntimeError: CUDA error: no CUDA-capable device is detected', 'device-lost'],
  ['RuntimeError: CUDA error: unknown error', 'device-lost'],
  ['RuntimeError: No CUDA GPUs are available', 'device-lost'],
  ['RuntimeError: NVML error: GPU is lost', 'device-lost'],
  ['RuntimeError: CUDA error: invalid device ordinal', 'parallel-size'],
  ['RuntimeError: CUDA error: CUDA-capable device(s) is/are busy or unavailable', 'device-busy'],
  ['RuntimeError: CUDA error: all CUDA-capable devices are busy or unavailable', 'device-busy'],
  ['DistBackendError: ncclInternalError: Internal check failed.', 'device-link'],
  ['OSError: [Errno 98] Address already in use', 'port-taken'],
  // vLLM
  [
    'ValueError: Weight input_size_per_partition = 2368 is not divisible by weight quantization block_k = 128.',
    'parallel-size',
  ],
  [
    'NotImplementedError: Pipeline parallelism is not supported for this model. Supported models implement',
    'parallel-size',
  ],
  ['ValueError: The input size is not aligned with the quantized weight shape. This can be caused by', 'parallel-size'],
  [
    'ValueError: Quantization method specified in the model config (fp8) does not match the',
    'unsupported-quantization',
  ],
  [
    'ValueError: torch.bfloat16 is not supported for quantization method awq. Supported dtypes: [torch.float16]',
    'unsupported-quantization',
  ],
  [
    'ValueError: No valid attention backend found for cuda with AttentionSelectorConfig(...). Reasons: {FLASH_ATTN: [kv_cache_dtype not supported]}.',
    'unsupported-quantization',
  ],
  ['ValueError: Load format `nosuchformat` is not supported', 'wrong-settings'],
  ['ValueError: prompt too long', null],
  ['KeyboardInterrupt', null],
  ['', null],
])('one line: %s', (line, id) => {
  expect(classOfLine(line)).toBe(id);
});
