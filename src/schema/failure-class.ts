/**
 * Why something was not measured. One row a class: what happened and what to do, each the part of a sentence, whether
 * another attempt may succeed, and how far the failure reaches.
 */
export interface FailureClass {
  readonly happened: string;
  readonly remedy: string;
  /** It may pass by itself: the launch is tried again, `retries` times. */
  readonly transient: boolean;
  readonly reach: Reach;
}

/**
 * Which other points are certain to fail alike: those that are `larger` (the same engine settings but for what makes
 * them need more memory), those of the same `engine` settings, of the same `model`, with the same `flags`, all of this
 * `host`; or `none`.
 */
export type Reach = 'none' | 'larger' | 'engine' | 'model' | 'flags' | 'host';

export const FAILURE_CLASSES = {
  'device-memory': {
    happened: 'the device memory ran out',
    remedy: 'lower gpu_memory_utilization or max_num_seqs, or raise tensor_parallel_sizes',
    transient: false,
    reach: 'larger',
  },
  'kv-cache-too-small': {
    happened: 'the KV cache does not hold one request of this length',
    remedy:
      'shorten the longest point, raise gpu_memory_utilization or tensor_parallel_sizes, or take kv_cache_dtype: fp8',
    transient: false,
    reach: 'larger',
  },
  'host-memory': {
    happened: 'the memory of the host ran out',
    remedy: 'end other programs on this host, or take a smaller model',
    transient: false,
    reach: 'larger',
  },
  'model-not-found': {
    happened: 'there is no such model',
    remedy: 'check the name or path of the model, and its revision',
    transient: false,
    reach: 'model',
  },
  'model-gated': {
    happened: 'the model may not be downloaded with this account',
    remedy: 'accept its licence on its Hugging Face page, and set HF_TOKEN',
    transient: false,
    reach: 'model',
  },
  'model-offline': {
    happened: 'the model is not on this host and cannot be downloaded',
    remedy: 'download it first (hf download <model>), or give this host a network',
    transient: true,
    reach: 'model',
  },
  'bad-checkpoint': {
    happened: 'the files of the checkpoint are damaged or incomplete',
    remedy: 'download the checkpoint again',
    transient: false,
    reach: 'model',
  },
  'wrong-flag': {
    happened: 'vLLM does not take these flags',
    remedy: 'correct args; orchestrate plan prints the exact command line',
    transient: false,
    reach: 'flags',
  },
  'unsupported-quantization': {
    happened: 'this vLLM cannot run this precision on this model and device',
    remedy: 'take another precision, or a checkpoint that has it',
    transient: false,
    reach: 'engine',
  },
  'parallel-size': {
    happened: 'the model cannot be split over so many devices',
    remedy: 'take other tensor_parallel_sizes or pipeline_parallel_sizes',
    transient: false,
    reach: 'engine',
  },
  'max-model-len': {
    happened: 'the length does not fit the model or the engine',
    remedy: 'leave max_model_len out, or shorten the points',
    transient: false,
    reach: 'larger',
  },
  'device-lost': {
    happened: 'a device or the link between devices failed',
    remedy: 'look at nvidia-smi -q and at the XID lines of dmesg; a device that does it again belongs replaced',
    transient: true,
    reach: 'none',
  },
  'device-busy': {
    happened: 'other programs hold the devices',
    remedy: 'end them, or write foreign_processes: warn to measure beside them',
    transient: false,
    reach: 'none',
  },
  'port-taken': {
    happened: 'a port that the engine wanted was taken',
    remedy: 'try again',
    transient: true,
    reach: 'none',
  },
  'engine-died': {
    happened: 'the engine ended by itself',
    remedy: 'its log says more',
    transient: false,
    reach: 'none',
  },
  hang: {
    happened: 'the engine made no progress',
    remedy: 'raise stall_minutes if it only is slow',
    transient: true,
    reach: 'none',
  },
  'disk-full': {
    happened: 'the disk is full',
    remedy: 'make room, and give the same command again',
    transient: true,
    reach: 'host',
  },
  'timed-out': {
    happened: 'a step took longer than timeout_minutes',
    remedy: 'raise timeout_minutes, or shorten the point',
    transient: false,
    reach: 'none',
  },
  cancelled: {
    happened: 'it was stopped on request',
    remedy: 'give the same command again to go on',
    transient: false,
    reach: 'none',
  },
  measurement: {
    happened: 'the driver could not make this measurement',
    remedy: 'its log says more',
    transient: false,
    reach: 'none',
  },
  'no-result': {
    happened: 'the result is not there',
    remedy: 'give the same command again',
    transient: false,
    reach: 'none',
  },
  'unreadable-result': {
    happened: 'the result cannot be read',
    remedy: 'give the same command again',
    transient: false,
    reach: 'none',
  },
} as const satisfies Readonly<Record<string, FailureClass>>;

export type FailureClassId = keyof typeof FAILURE_CLASSES;

/** The source document's words for how a run ended whose log has one of the two texts that it knows. */
export const SOURCE_STATUSES = ['RETRYABLE_ERROR', 'TERMINATED_DUE_TO_FATAL_ERROR'] as const;
