import { MODEL_FAILURE_RULES, type Rule } from './model-failure-rules.ts';

/**
 * The first that matches decides. Texts without a version are in vLLM 0.8.5 to 0.32.0; `vLLM 0.20` names the first that
 * was looked at and has it (of 0.8.5, 0.9.2, 0.10.2, 0.11.0 to 0.15, 0.17, 0.19 to 0.22, 0.24, 0.26 to 0.32).
 */
export const FAILURE_RULES: readonly Rule[] = [
  ...MODEL_FAILURE_RULES,

  // Memory of the device: torch up to 2.4 says torch.cuda.OutOfMemoryError; jaxlib on TPUs names the kind of memory.
  { class: 'host-memory', exception: /^OutOfMemoryError$/, says: [/running low on memory/] },
  {
    class: 'device-memory',
    says: [/^(?:CUDA|HIP|XPU) (?:error: )?out of memory/, /^CUDA error: CUBLAS_STATUS_ALLOC_FAILED/],
  },
  {
    class: 'device-memory',
    exception: /^(?:Xla|Jax)RuntimeError$/,
    says: [/^RESOURCE_EXHAUSTED: .*(?:\bhbm\b|device buffer|Attempting to (?:allocate|reserve))/i],
  },
  {
    class: 'kv-cache-too-small',
    says: [/^To serve at least one request with the /, /^No available memory for the cache blocks\./],
  },

  // Memory of the host: Python, torch, C++, the kernel, and vLLM's CPU worker (vLLM 0.20).
  { class: 'host-memory', exception: /^MemoryError$/ },
  {
    class: 'host-memory',
    says: [
      /DefaultCPUAllocator: can't allocate memory/,
      /^std::bad_alloc$/,
      /^\[Errno 12\] Cannot allocate memory/,
      /^Available memory on node \d+ /,
    ],
  },
  {
    class: 'host-memory',
    exception: /^$/,
    says: [/^(?:Memory cgroup out|Out) of memory: Killed process/, /^slurmstepd: error: Detected \d+ oom/],
  },
  {
    class: 'shared-memory',
    says: [/^\[Errno 28\] No space left on device: '\/dev\/shm/, /^unable to \w+ .*<\/torch_/],
  },
  {
    class: 'shared-memory',
    adds: /Error while creating shared memory segment \/dev\/shm|^Error: failed to extend \/dev\/shm/,
  },
  { class: 'shared-memory', exception: /^$/, says: [/^Bus error$/, /died unexpectedly \(exit code: -7\)/] },
  { class: 'shared-memory', exception: /^EngineProcessDeadError$/, says: [/killed by SIGBUS/] },
  { class: 'disk-full', exception: /^OSError$/, says: [/^\[Errno (?:28|122)\] /] },
  { class: 'disk-full', says: [/\(os error 28\)/] },

  // Devices. XIDs 13, 31, 43 and 45 are of the program (NVIDIA, XID Errors), the others of the device or its driver.
  {
    class: 'device-lost',
    says: [
      /\bNVRM: Xid (?:\([^)]*\): )?(?!(?:13|31|43|45)\b)\d+/,
      /^CUDA error: uncorrectable (?:NVLink|ECC) error/,
      /^CUDA error: (?:no CUDA-capable device is detected|unknown error)/,
      /^No CUDA GPUs are available/,
      /GPU is lost/,
      /^HW Exception by GPU node/,
    ],
  },
  { class: 'parallel-size', says: [/^CUDA error: invalid device ordinal/] },
  {
    class: 'device-busy',
    says: [
      /^CUDA error: (?:all )?CUDA-capable device(?:\(s\) is\/are|s are) busy or unavailable/,
      /The TPU is already in use by process/,
      /^Error in memory profiling\./,
    ],
  },
  {
    class: 'kernel-fault',
    says: [
      /^(?:CUDA|HIP) error: (?:an illegal (?:memory access|instruction)|misaligned address)/,
      /^(?:CUDA|HIP) error: (?:device-side assert|unspecified launch failure)/,
      /^HSA_STATUS_ERROR_(?:EXCEPTION|MEMORY_FAULT|MEMORY_APERTURE_VIOLATION)/,
      /^Memory access fault by GPU node/,
      /\bNVRM: Xid /,
    ],
  },
  { class: 'device-link', says: [/^NCCL error\b/] },
  { class: 'device-link', exception: /^nccl\w+Error$|^DistBackendError$/ },
  {
    class: 'port-taken',
    says: [/EADDRINUSE/, /^\[Errno 98\] /, /^Address already in use/],
  },

  // Devices that are too few or do not divide the model: vLLM config/, ompmultiprocessing.py, distributed/utils.py.
  {
    class: 'parallel-size',
    says: [
      /^Total number of attention heads \(\d+\) must be divisible by tensor parallel size/,
      /^Not enough allowed NUMA nodes/,
      /^(?:World size|Tensor parallel size) \(\d+\) (?:is|cannot be) larger than the number of available GPUs/,
      /^\d+ is not divisible by \d+$/,
      /^Weight (?:in|out)put_size_per_partition ?=.* is not divisible by /,
      /^The input size is not aligned with the quantized weight shape/,
      /^Pipeline parallelism is not supported for this model/,
    ],
  },

  // Precision: vLLM config/, weight_utils.py, platforms/, kernels/linear/; builds of torch without a kernel.
  {
    class: 'unsupported-quantization',
    says: [
      /^Unknown quantization method: /,
      /^The quantization method \S+ is not supported for the current GPU/,
      /^Cannot find the config file for /,
      /^Quantization method specified in the model config/,
      /^\S+ is not supported for quantization method /,
      /quantization is currently not supported in /,
      /^Failed to find a kernel that can implement the /,
      /^Bfloat16 is only supported on GPUs/,
    ],
  },
  {
    class: 'unsupported-quantization',
    exception: /^TypeError$/,
    says: [/^\w+Config\.__init__\(\) missing \d+ required positional argument/],
  },
  {
    class: 'unsupported-quantization',
    says: [
      /^_C\w*::\w*(?:quant|scaled|gemm|marlin|awq|gptq|fp4|fp8)\w*\(\) expected at most/,
      /^'_OpNamespace' '_C\w*' object has no attribute '\w*(?:quant|scaled|gemm|marlin|awq|gptq|fp4|fp8)/,
    ],
  },
  { class: 'unsupported-quantization', says: [/^No valid attention backend found .*kv_cache_dtype not supported/] },

  // Lengths: vLLM config/model.py, benchmarks/throughput.py, v1/engine/(input_)processor.py, and our own driver.
  { class: 'max-model-len', says: [/^User-specified max_model_len \(\d+\) is greater than the derived max_model_len/] },
  {
    class: 'point-too-long',
    says: [
      /^Please ensure that max_model_len is greater than the sum/,
      /longer than the maximum model length of \d+/,
      /^prompt_len \d+ \+ output_len \d+ is more than the engine's max_model_len/,
    ],
  },

  // v1/executor/multiproc_executor.py: a worker did not answer within VLLM_EXECUTE_MODEL_TIMEOUT_SECONDS.
  { class: 'hang', exception: /^TimeoutError$/, says: [/^RPC call to \w+ timed out\.$/] },
  // argparse; and what pydantic refuses of vLLM's own configuration.
  { class: 'wrong-flag', exception: /^$/, says: [/^[\w.][\w. /-]{0,120}: error: /] },
  { class: 'wrong-settings', exception: /^ValidationError$/ },
  { class: 'wrong-settings', says: [/^Load format \S+ is not supported/] },
];
