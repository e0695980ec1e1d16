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
 * Which other points are certain to fail alike: those that need as much or more (`larger`), those that load the same
 * model in the same precision on as many devices (`loading`), those of equal `engine` settings, with the same `flags`,
 * of the same `model`; or `none`. What passes by itself is certain for no other. src/plan/dominated.ts has all in full.
 */
export type Reach = 'none' | 'larger' | 'loading' | 'engine' | 'flags' | 'model';

const PASSES = { transient: true, reach: 'none' } as const;
const STAYS = { transient: false, reach: 'none' } as const;

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
    remedy: 'end other programs on this host, or take exclusive: true and smaller points',
    ...STAYS,
  },
  'shared-memory': {
    happened: 'the shared memory of the host (/dev/shm) ran out, or a mapped file cannot be read',
    remedy: 'enlarge it (docker run --shm-size 16g), and remove what killed runs left in /dev/shm',
    ...STAYS,
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
    ...PASSES,
  },
  'bad-checkpoint': {
    happened: 'the files of the checkpoint are damaged or incomplete',
    remedy: 'download the checkpoint again',
    transient: false,
    reach: 'model',
  },
  'unsupported-model': {
    happened: 'this vLLM does not know models of this kind',
    remedy: 'take a newer vLLM, or another model',
    transient: false,
    reach: 'model',
  },
  'wrong-flag': {
    happened: 'vLLM does not take these flags',
    remedy: 'correct args; orchestrate plan prints the exact command line',
    transient: false,
    reach: 'flags',
  },
  'wrong-settings': {
    happened: 'vLLM refuses these settings',
    remedy: 'change the setting that it names',
    transient: false,
    reach: 'engine',
  },
  'unsupported-quantization': {
    happened: 'this vLLM cannot run this precision on this model and device',
    remedy: 'take another precision, or a checkpoint that has it',
    transient: false,
    reach: 'loading',
  },
  'parallel-size': {
    happened: 'the model cannot be split over so many devices',
    remedy: 'take other tensor_parallel_sizes or pipeline_parallel_sizes',
    transient: false,
    reach: 'loading',
  },
  'max-model-len': {
    happened: 'max_model_len is more than the model can do',
    remedy: 'leave max_model_len out, or shorten the longest point',
    transient: false,
    reach: 'larger',
  },
  'point-too-long': {
    happened: 'the point is longer than the max_model_len of its engine',
    remedy: 'leave max_model_len out, or shorten the point',
    transient: false,
    reach: 'larger',
  },
  'device-lost': {
    happened: 'a device or the link between devices failed',
    remedy: 'look at nvidia-smi -q and at the XID lines of dmesg; a device that does it again belongs replaced',
    ...PASSES,
  },
  'device-link': {
    happened: 'the devices could not reach each other',
    remedy: 'write NCCL_DEBUG: INFO into env, and the log will say why',
    ...PASSES,
  },
  'device-busy': {
    happened: 'other programs hold the devices',
    remedy: 'end them, or write foreign_processes: warn to measure beside them',
    ...PASSES,
  },
  'kernel-fault': {
    happened: 'a kernel of the engine made an error on the device',
    remedy: 'write CUDA_LAUNCH_BLOCKING: 1 into env to see which; if one device alone does it, replace the device',
    ...PASSES,
  },
  'port-taken': {
    happened: 'a port that the engine wanted was taken',
    remedy: 'try again',
    ...PASSES,
  },
  'not-started': {
    happened: 'the program of the engine could not be started',
    remedy: 'see with orchestrate doctor whether Python and vLLM are there',
    ...STAYS,
  },
  'engine-died': {
    happened: 'the engine ended before it was through',
    remedy: 'its log says more',
    ...STAYS,
  },
  lost: {
    happened: 'nobody saw how the engine ended',
    remedy: 'give the same command again',
    ...PASSES,
  },
  hang: {
    happened: 'the engine made no progress',
    remedy: 'raise stall_minutes if it only is slow',
    ...PASSES,
  },
  'disk-full': {
    happened: 'the disk is full',
    remedy: 'make room, and give the same command again',
    ...PASSES,
  },
  'timed-out': {
    happened: 'a step took longer than timeout_minutes',
    remedy: 'raise timeout_minutes, or shorten the point',
    ...STAYS,
  },
  cancelled: {
    happened: 'it was stopped on request',
    remedy: 'give the same command again to go on',
    ...STAYS,
  },
  measurement: {
    happened: 'the driver could not make this measurement',
    remedy: 'its log says more',
    ...STAYS,
  },
  'no-result': {
    happened: 'the result is not there',
    remedy: 'give the same command again',
    ...STAYS,
  },
  'unreadable-result': {
    happened: 'the result cannot be read',
    remedy: 'give the same command again',
    ...STAYS,
  },
} as const satisfies Readonly<Record<string, FailureClass>>;

export type FailureClassId = keyof typeof FAILURE_CLASSES;

/** The source document's words for how a run ended whose log has one of the two texts that it knows. */
export const SOURCE_STATUSES = ['RETRYABLE_ERROR', 'TERMINATED_DUE_TO_FATAL_ERROR'] as const;
