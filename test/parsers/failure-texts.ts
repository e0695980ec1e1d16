import type { FailureClassId } from '../../src/schema/failure-class.ts';

/** Streams of an engine that failed, and what they are to be taken for. */
export interface FailureText {
  readonly class: FailureClassId;
  /** Where the text is from: the file and version of vLLM that has it, or who else prints it. */
  readonly from: string;
  readonly stdout?: readonly string[];
  readonly stderr?: readonly string[];
  /** Beginning of the decisive line. */
  readonly decisive: string;
  /** What is in the line without which it would be another class, where that is not the decisive one. */
  readonly key?: string;
}

/** As an engine process logs it from vLLM 0.10.1 on. */
export const engine = (said: string) => `(EngineCore_DP0 pid=81) ERROR 11-22 05:29:51 [core.py:708] ${said}`;
export const worker = (said: string) => `(Worker_TP1 pid=77) ERROR 11-22 05:35:12 [multiproc_executor.py:585] ${said}`;
/** Before 0.10.1 no process is named. */
const old = (said: string) => `ERROR 07-01 10:00:00 [core.py:390] ${said}`;
const FAILED = engine('EngineCore failed to start.');
const FOLLOWED = 'RuntimeError: Engine core initialization failed. See root cause above. Failed core proc(s): {}';

const OOM =
  'CUDA out of memory. Tried to allocate 786.00 MiB. GPU 0 has a total capacity of 79.11 GiB of which 140.75 MiB is free. ' +
  'Process 3270336 has 78.96 GiB memory in use.';
const FREE = (free: number, total: number, share: number, wanted: number) =>
  `ValueError: Free memory on device cuda:0 (${free}/${total} GiB) on startup is less than desired GPU memory utilization ` +
  `(${share}, ${wanted} GiB). Decrease GPU memory utilization or reduce GPU memory used by other processes.`;

/** Texts that could not be captured on a CPU, and those whose capture is of another version. */
export const FAILURE_TEXTS: readonly FailureText[] = [
  {
    class: 'device-memory',
    from: 'torch 2.5 and later, logged by vLLM 0.11',
    stdout: [FAILED, engine(`torch.OutOfMemoryError: ${OOM}`)],
    stderr: [FOLLOWED],
    decisive: 'OutOfMemoryError: CUDA out of memory.',
  },
  {
    class: 'device-memory',
    from: 'torch up to 2.4, logged as vLLM 0.8.5 does',
    stdout: [old(`torch.cuda.OutOfMemoryError: ${OOM}`)],
    decisive: 'OutOfMemoryError: CUDA out of memory.',
  },
  {
    class: 'device-memory',
    from: 'torch on ROCm',
    stdout: [worker('torch.OutOfMemoryError: HIP out of memory. Tried to allocate 978.00 MiB. GPU 0 has a total ...')],
    decisive: 'OutOfMemoryError: HIP out of memory.',
  },
  {
    class: 'device-memory',
    from: 'vllm/v1/worker/gpu_model_runner.py, 0.8.5 to 0.32.0',
    stdout: [
      engine(
        'RuntimeError: CUDA out of memory occurred when warming up sampler with 1024 dummy requests. Please try lowering ' +
          '`max_num_seqs` or `gpu_memory_utilization` when initializing the engine.',
      ),
    ],
    decisive: 'RuntimeError: CUDA out of memory occurred when warming up sampler',
  },
  {
    class: 'device-memory',
    from: 'torch, an allocation that does not go through its cache',
    stdout: [engine('torch.AcceleratorError: CUDA error: out of memory')],
    decisive: 'AcceleratorError: CUDA error: out of memory',
  },
  {
    class: 'device-memory',
    from: 'jaxlib on a TPU',
    stdout: [
      engine(
        'jaxlib._jax.XlaRuntimeError: RESOURCE_EXHAUSTED: Ran out of memory in memory space hbm. Used 31.68G of 31.25G hbm.',
      ),
    ],
    decisive: 'XlaRuntimeError: RESOURCE_EXHAUSTED: Ran out of memory in memory space hbm.',
  },
  {
    class: 'device-memory',
    from: 'vllm/v1/worker/utils.py 0.32.0, figures of an MI355X on which nothing else runs',
    stdout: [engine(FREE(271, 287.98, 0.95, 273.59))],
    decisive: 'ValueError: Free memory on device cuda:0 (271/287.98 GiB)',
  },
  {
    class: 'device-busy',
    from: 'vllm/v1/worker/gpu_worker.py 0.9.2 to 0.32.0',
    stdout: [engine(FREE(7.34, 15.49, 0.8, 12.39))],
    decisive: 'ValueError: Free memory on device cuda:0 (7.34/15.49 GiB)',
  },
  {
    class: 'device-busy',
    from: 'vllm/v1/worker/gpu_worker.py 0.8.5',
    stdout: [
      old(
        'AssertionError: Error in memory profiling. Initial free memory 84929347584, current free memory 84929347584. This ' +
          'happens when the GPU memory was not properly cleaned up before initializing the vLLM instance.',
      ),
    ],
    decisive: 'AssertionError: Error in memory profiling.',
  },
  {
    class: 'device-busy',
    from: 'libtpu',
    stdout: [engine('RuntimeError: ABORTED: The TPU is already in use by process with pid 23472.')],
    decisive: 'RuntimeError: ABORTED: The TPU is already in use',
  },
  {
    class: 'kv-cache-too-small',
    from: 'vllm/v1/core/kv_cache_utils.py, 0.8.5 to 0.32.0',
    stdout: [
      FAILED,
      engine(
        'ValueError: No available memory for the cache blocks. Try increasing `gpu_memory_utilization` when initializing the ' +
          'engine.',
      ),
    ],
    decisive: 'ValueError: No available memory for the cache blocks.',
  },
  {
    class: 'host-memory',
    from: 'vllm/v1/worker/cpu_worker.py 0.20.2 to 0.32.0',
    stdout: [
      worker(
        'ValueError: Available memory on node 0 (9.87/12.46 GiB) on startup is less than desired CPU memory utilization ' +
          '(0.92, 11.47 GiB).',
      ),
    ],
    decisive: 'ValueError: Available memory on node 0',
  },
  {
    class: 'host-memory',
    from: 'torch',
    stdout: [
      worker(
        "RuntimeError: [enforce fail at alloc_cpu.cpp:117] err == 0. DefaultCPUAllocator: can't allocate memory: you tried " +
          'to allocate 2359296 bytes. Error code 12 (Cannot allocate memory)',
      ),
    ],
    decisive: 'RuntimeError: [enforce fail at alloc_cpu.cpp:117]',
  },
  {
    class: 'host-memory',
    from: 'the C++ runtime',
    stderr: ["terminate called after throwing an instance of 'std::bad_alloc'", '  what():  std::bad_alloc'],
    decisive: 'std::bad_alloc',
  },
  {
    class: 'host-memory',
    from: 'Ray, whose error has the name of torch’s',
    stderr: [
      'ray.exceptions.OutOfMemoryError: Task was killed due to the node running low on memory.',
      'Memory on the node (IP: 10.0.0.2, ID: 1f) was 60.8GB / 64.0GB (0.95)',
    ],
    decisive: 'OutOfMemoryError: Task was killed due to the node running low on memory.',
  },
  {
    class: 'host-memory',
    from: 'the Linux kernel, where a container writes its lines to the same log',
    stdout: [engine('Worker proc VllmWorker-0 died unexpectedly (exit code: -9), shutting down executor.')],
    stderr: ['[ 3520.789013] Memory cgroup out of memory: Killed process 3163 (VLLM::Worker) total-vm:61415872kB'],
    decisive: 'Memory cgroup out of memory: Killed process 3163',
  },
  {
    class: 'shared-memory',
    from: 'NCCL 2.27 through torch',
    stdout: [
      worker(
        'torch.distributed.DistBackendError: NCCL error in: ../torch/csrc/distributed/c10d/NCCLUtils.cpp:94, unhandled ' +
          'system error (run with NCCL_DEBUG=INFO for details), NCCL version 2.27.3',
      ),
      worker('ncclSystemError: System call (e.g. socket, malloc) or external library call failed or device error.'),
      engine('Exception: WorkerProc initialization failed due to an exception in a background process.'),
      worker('Last error:'),
      worker(
        'Error while creating shared memory segment /dev/shm/nccl-cjY8K5 (size 10617216), error: No space left on device (28)',
      ),
    ],
    decisive: 'DistBackendError: NCCL error in:',
    key: '/dev/shm/',
  },
  {
    class: 'shared-memory',
    from: 'vllm/v1/executor/multiproc_executor.py 0.20 to 0.32.0: SIGBUS is signal 7',
    stdout: [engine('Worker proc VllmWorker-1 died unexpectedly (exit code: -7), shutting down executor.')],
    decisive: 'Worker proc VllmWorker-1 died unexpectedly (exit code: -7)',
  },
  {
    class: 'shared-memory',
    from: 'Python’s faulthandler',
    stderr: ['Fatal Python error: Bus error', '', 'Thread 0x00007f (most recent call first):'],
    decisive: 'Bus error',
  },
  {
    class: 'model-not-found',
    from: 'transformers 5.19, utils/hub.py',
    stderr: [
      "OSError: nobody/no-such-model is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'",
      'If this is a private repository, make sure to pass a token having permission to this repo',
    ],
    decisive: 'OSError: nobody/no-such-model is not a local folder',
  },
  {
    class: 'model-not-found',
    from: 'vllm/transformers_utils/config.py, 0.8.5 to 0.32.0',
    stderr: [
      'pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig',
      "  Value error, Invalid repository ID or local directory specified: './tiny-noconf'.",
    ],
    decisive: 'Value error, Invalid repository ID or local directory specified:',
  },
  {
    class: 'model-gated',
    from: 'transformers 5.19, utils/hub.py, with what huggingface_hub adds',
    stderr: [
      'OSError: You are trying to access a gated repo.',
      'Make sure to have access to it at https://huggingface.co/meta-llama/Llama-3.1-8B-Instruct.',
      '401 Client Error. (Request ID: Root=1-66a71178-307f6efd0cb726526dab58c4;5159a703)',
    ],
    decisive: 'OSError: You are trying to access a gated repo.',
  },
  {
    class: 'model-gated',
    from: 'huggingface_hub, in a worker that downloads',
    stdout: [worker('huggingface_hub.errors.GatedRepoError: 403 Client Error. (Request ID: Root=1-66a71178)')],
    decisive: 'GatedRepoError: 403 Client Error.',
  },
  {
    class: 'model-gated',
    from: 'requests, the cause that huggingface_hub chains',
    stdout: [
      worker(
        'requests.exceptions.HTTPError: 401 Client Error: Unauthorized for url: https://huggingface.co/meta-llama/x/resolve/main/y',
      ),
    ],
    decisive: 'HTTPError: 401 Client Error:',
  },
  {
    class: 'model-offline',
    from: 'huggingface_hub 1.x with HF_HUB_OFFLINE=1',
    stdout: [
      worker(
        'huggingface_hub.errors.OfflineModeIsEnabled: Cannot reach https://huggingface.co/api/models/x: offline mode is enabled.',
      ),
    ],
    stderr: ['huggingface_hub.errors.LocalEntryNotFoundError: Cannot find the requested files in the disk cache'],
    decisive: 'LocalEntryNotFoundError: Cannot find the requested files',
  },
  {
    class: 'model-offline',
    from: 'httpx',
    stderr: ['httpx.ConnectError: [Errno -3] Temporary failure in name resolution'],
    decisive: 'ConnectError: [Errno -3]',
  },
  {
    class: 'bad-checkpoint',
    from: 'vllm/model_executor/model_loader/default_loader.py, 0.8.5 to 0.32.0',
    stdout: [worker('RuntimeError: Cannot find any model weights with `./tiny`')],
    decisive: 'RuntimeError: Cannot find any model weights with',
  },
  {
    class: 'bad-checkpoint',
    from: 'the same file',
    stdout: [worker("ValueError: Following weights were not initialized from checkpoint: {'model.norm.weight'}")],
    decisive: 'ValueError: Following weights were not initialized',
  },
  {
    class: 'bad-checkpoint',
    from: 'safetensors',
    stdout: [
      worker('safetensors._safetensors_rust.SafetensorError: Error while deserializing header: header too large'),
    ],
    decisive: 'SafetensorError: Error while deserializing header',
  },
  {
    class: 'unsupported-model',
    from: 'vllm/model_executor/models/registry.py, 0.8.5 to 0.32.0',
    stderr: [
      'pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig',
      "  Value error, Model architectures ['NoSuchForCausalLM'] are not supported for now. Supported architectures: dict_keys",
    ],
    decisive: "Value error, Model architectures ['NoSuchForCausalLM']",
  },
  {
    class: 'wrong-flag',
    from: 'argparse, as our driver calls it',
    stderr: [
      'usage: resident [-h]',
      "resident: error: argument --kv-cache-dtype: invalid choice: 'fp9' (choose from 'auto')",
    ],
    decisive: 'resident: error: argument --kv-cache-dtype',
  },
  {
    class: 'wrong-settings',
    from: 'pydantic, for any other check of vLLM’s own configuration',
    stderr: [
      'pydantic_core._pydantic_core.ValidationError: 1 validation error for SchedulerConfig',
      '  Value error, max_num_batched_tokens (64) must be greater than or equal to max_num_seqs (256).',
    ],
    decisive: 'Value error, max_num_batched_tokens (64)',
    key: 'ValidationError',
  },
  {
    class: 'unsupported-quantization',
    from: 'vllm/config/vllm.py, 0.8.5 to 0.32.0',
    stderr: [
      'ValueError: The quantization method fp8 is not supported for the current GPU. Minimum capability: 80. Current ' +
        'capability: 75.',
    ],
    decisive: 'ValueError: The quantization method fp8 is not supported',
  },
  {
    class: 'unsupported-quantization',
    from: 'vllm/platforms/cuda.py, 0.8.5 to 0.32.0',
    stdout: [
      worker(
        'ValueError: Bfloat16 is only supported on GPUs with compute capability of at least 8.0. Your Tesla T4 GPU has ' +
          'compute capability 7.5.',
      ),
    ],
    decisive: 'ValueError: Bfloat16 is only supported on GPUs',
  },
  {
    class: 'unsupported-quantization',
    from: 'vllm/platforms/interface.py, 0.8.5 to 0.32.0',
    stderr: ['ValueError: awq_marlin quantization is currently not supported in cpu.'],
    decisive: 'ValueError: awq_marlin quantization is currently not supported',
  },
  {
    class: 'unsupported-quantization',
    from: 'torch, of a build without the kernel',
    stdout: [worker("AttributeError: '_OpNamespace' '_C' object has no attribute 'cutlass_scaled_fp4_mm'")],
    decisive: "AttributeError: '_OpNamespace' '_C'",
  },
  {
    class: 'parallel-size',
    from: 'vllm/config/parallel.py 0.12.0 to 0.32.0',
    stderr: [
      'pydantic_core._pydantic_core.ValidationError: 1 validation error for ParallelConfig',
      '  Value error, World size (8) is larger than the number of available GPUs (4) in this node. If this is intentional',
    ],
    decisive: 'Value error, World size (8) is larger',
  },
  {
    class: 'parallel-size',
    from: 'vllm/config/parallel.py 0.11.1',
    stderr: ['ValueError: Tensor parallel size (8) cannot be larger than the number of available GPUs (4).'],
    decisive: 'ValueError: Tensor parallel size (8) cannot be larger',
  },
  {
    class: 'parallel-size',
    from: 'vllm/utils/ompmultiprocessing.py 0.17.1 to 0.32.0',
    stdout: [
      engine(
        'AssertionError: Not enough allowed NUMA nodes to bind threads of 8 local CPUWorkers. Allowed NUMA nodes are [0].',
      ),
    ],
    decisive: 'AssertionError: Not enough allowed NUMA nodes',
  },
  {
    class: 'parallel-size',
    from: 'vllm/distributed/utils.py, 0.8.5 to 0.32.0',
    stdout: [worker('AssertionError: 14336 is not divisible by 3')],
    decisive: 'AssertionError: 14336 is not divisible by 3',
  },
  {
    class: 'point-too-long',
    from: 'vllm/v1/engine/processor.py, 0.8.5 to 0.32.0',
    stderr: [
      'ValueError: The decoder prompt (length 5000) is longer than the maximum model length of 4096. Make sure that',
    ],
    decisive: 'ValueError: The decoder prompt (length 5000)',
  },
  {
    class: 'device-lost',
    from: 'torch, CUDA runtime error 80; the source document’s retryable text',
    stdout: [worker('RuntimeError: CUDA error: uncorrectable NVLink error detected during the execution'), FAILED],
    decisive: 'RuntimeError: CUDA error: uncorrectable NVLink error',
  },
  {
    class: 'device-lost',
    from: 'torch 2.8 and later',
    stdout: [worker('torch.AcceleratorError: CUDA error: uncorrectable ECC error encountered')],
    decisive: 'AcceleratorError: CUDA error: uncorrectable ECC error',
  },
  {
    class: 'device-lost',
    from: 'NVIDIA’s kernel module, where a container writes its lines to the same log',
    stderr: ['Nov 22 05:31:07 gpu7 kernel: NVRM: Xid (PCI:0000:3b:00): 79, pid=1122, GPU has fallen off the bus.'],
    stdout: [worker('RuntimeError: CUDA error: unspecified launch failure')],
    decisive: 'NVRM: Xid (PCI:0000:3b:00): 79',
  },
  {
    class: 'device-lost',
    from: 'torch’s NCCL watchdog, which aborts its process',
    stdout: [
      '(MainProcess pid=13) WARNING 11-22 05:39:15 [core_client.py:817] [shutdown] MPClient: engine core exited unexpectedly; starting cleanup',
    ],
    stderr: [
      '[rank0]:[E1122 05:31:07.114 ProcessGroupNCCL.cpp:2057] [PG ID 0 PG GUID 0 Rank 0] Process group watchdog thread ' +
        'terminated with exception: CUDA error: uncorrectable ECC error encountered',
      "terminate called after throwing an instance of 'c10::DistBackendError'",
    ],
    decisive: 'CUDA error: uncorrectable ECC error encountered',
  },
  {
    class: 'device-lost',
    from: 'the ROCm runtime, which aborts its process',
    stderr: ['HW Exception by GPU node-1 (Agent handle: 0x55811b) reason :GPU Hang'],
    decisive: 'HW Exception by GPU node-1',
  },
  {
    class: 'kernel-fault',
    from: 'the ROCm runtime, which aborts its process',
    stderr: [
      ':0:rocdevice.cpp           :3018: 117us: [pid:9 tid:0x7f3] Callback: Queue 0x7f30 aborting with error : ' +
        'HSA_STATUS_ERROR_MEMORY_APERTURE_VIOLATION: The agent attempted to access memory beyond the largest legal address.',
    ],
    decisive: 'HSA_STATUS_ERROR_MEMORY_APERTURE_VIOLATION',
  },
  {
    class: 'kernel-fault',
    from: 'the ROCm runtime, which aborts its process',
    stderr: ['Memory access fault by GPU node-1 (Agent handle: 0x55811b) on address 0x7f30b0000000. Reason: Unknown.'],
    decisive: 'Memory access fault by GPU node-1',
  },
  {
    class: 'host-memory',
    from: 'Slurm',
    stderr: [
      'slurmstepd: error: Detected 1 oom_kill event in StepId=647226.7. Some of the step tasks have been OOM Killed.',
    ],
    decisive: 'slurmstepd: error: Detected 1 oom_kill event',
  },
  {
    class: 'model-gated',
    from: 'transformers 5.19, utils/hub.py',
    stderr: [
      'OSError: There was a specific connection error when trying to load org/private:',
      '403 Client Error. (Request ID: Root=1-66a71178)',
    ],
    decisive: 'OSError: There was a specific connection error',
    key: '403 Client Error',
  },
  {
    class: 'device-link',
    from: 'vllm/distributed/device_communicators/pynccl_wrapper.py, 0.8.5 to 0.32.0',
    stdout: [worker('RuntimeError: NCCL error: unhandled cuda error (run with NCCL_DEBUG=INFO for details)')],
    decisive: 'RuntimeError: NCCL error: unhandled cuda error',
  },
  {
    class: 'kernel-fault',
    from: 'torch',
    stdout: [worker('RuntimeError: CUDA error: an illegal memory access was encountered')],
    decisive: 'RuntimeError: CUDA error: an illegal memory access',
  },
  {
    class: 'kernel-fault',
    from: 'torch',
    stdout: [worker('torch.AcceleratorError: CUDA error: device-side assert triggered')],
    decisive: 'AcceleratorError: CUDA error: device-side assert',
  },
  {
    class: 'kernel-fault',
    from: 'NVIDIA’s kernel module; XID 31 is an error of the program',
    stderr: [
      '[12093.044] NVRM: Xid (PCI:0000:00:06): 31, pid=79749, name=python, Ch 0000000a, intr 00000000. MMU Fault',
    ],
    decisive: 'NVRM: Xid (PCI:0000:00:06): 31',
  },
  {
    class: 'port-taken',
    from: 'torch',
    stdout: [
      worker(
        'torch.distributed.DistNetworkError: The server socket has failed to listen on any local network address. port: 56065, ' +
          'useIpv6: false, code: -98, name: EADDRINUSE, message: address already in use',
      ),
    ],
    decisive: 'DistNetworkError: The server socket has failed to listen',
  },
  {
    class: 'port-taken',
    from: 'pyzmq',
    stderr: ["zmq.error.ZMQError: Address already in use (addr='tcp://127.0.0.1:29500')"],
    decisive: 'ZMQError: Address already in use',
  },
  {
    class: 'disk-full',
    from: 'Python',
    stderr: ['OSError: [Errno 28] No space left on device'],
    decisive: 'OSError: [Errno 28] No space left on device',
  },
  {
    class: 'hang',
    from: 'vllm/v1/executor/multiproc_executor.py, 0.8.5 to 0.32.0',
    stdout: [engine('TimeoutError: RPC call to execute_model timed out.')],
    decisive: 'TimeoutError: RPC call to execute_model timed out.',
  },
  {
    class: 'engine-died',
    from: 'vllm/v1/engine/core_client.py 0.24.0 to 0.32.0',
    stdout: [
      '(MainProcess pid=13) WARNING 11-22 05:39:15 [core_client.py:817] [shutdown] MPClient: engine core exited unexpectedly; starting cleanup',
    ],
    stderr: [
      'vllm.v1.engine.exceptions.EngineDeadError: EngineCore encountered an issue. See stack trace (above) for the root cause.',
    ],
    decisive: 'engine core exited unexpectedly',
  },
];
