/**
 * What the kernel says about the host, where a log has its lines: it killed a process for want of memory, or a GPU
 * failed. Null for any other line.
 */
export function kernelNoticeIn(text: string): string | null {
  if (!/ of memory: Killed |NVRM: Xid |^slurmstepd: /.test(text)) return null;
  const said = text.replace(kernelPrefix, '');
  return KERNEL_NOTICES.some((notice) => notice.test(said)) ? said : null;
}

// Nov 22 05:31:07 host kernel: Out of memory: Killed process 3163 (VLLM::Worker) total-vm:...
// [ 3520.789013] Memory cgroup out of memory: Killed process 3163 (VLLM::Worker) total-vm:...
// [12093.044] NVRM: Xid (PCI:0000:3b:00): 79, pid=1122, GPU has fallen off the bus.
// slurmstepd: error: Detected 1 oom_kill event in StepId=647226.7. Some of the step tasks have been OOM Killed.
const kernelPrefix = /^(?:\w{3} +\d+ [\d:]{8} \S{1,253} kernel: )?(?:\[ *\d+\.\d+\] )?/;
const KERNEL_NOTICES = [
  /^(?:Memory cgroup out|Out) of memory: Killed process \d+ /,
  /^NVRM: Xid \((?:PCI:)?[\da-fA-F:.]+\): \d+/,
  /^slurmstepd: error: Detected \d+ oom[_-]kill event/,
];

/** The last words of a process that dies without a Python exception; null for any other line. */
export function lastWordsIn(text: string): string | null {
  if (!/^(?:Fatal Py|\[rank|\[E| *what\(|:\d:roc|HW Exc|Memory acc)/.test(text)) return null;
  for (const words of LAST_WORDS) {
    const said = words.exec(text)?.groups?.['text'];
    if (said !== undefined) return said;
  }
  return null;
}

const LAST_WORDS = [
  // Fatal Python error: Bus error
  /^Fatal Python error: (?<text>\S.*)$/,
  // [rank0]:[E1122 05:31:07.1 ProcessGroupNCCL.cpp:2057] [PG ID 0 ...] Process group watchdog thread terminated with
  // exception: CUDA error: ...
  /^(?:\[rank\d+\]: ?)?\[E\S+ .{1,400} terminated with exception: (?<text>\S.*)$/,
  // terminate called after throwing an instance of 'std::bad_alloc'
  //   what():  std::bad_alloc
  /^ *what\(\): +(?<text>\S.*)$/,
  // :0:rocdevice.cpp :3018: 117us: 1: Callback: Queue 0x7f30 aborting with error : HSA_STATUS_ERROR_MEMORY_FAULT: ...
  /^:\d:rocdevice\.cpp .{1,400} aborting with error : (?<text>\S.*)$/,
  // HW Exception by GPU node-1 (Agent handle: 0x5581) reason :GPU Hang
  // Memory access fault by GPU node-1 (Agent handle: 0x5581) on address 0x7f30. Reason: Unknown.
  /^(?<text>(?:HW Exception|Memory access fault) by GPU node.*)$/,
];

/** What the one who waited for a process says about its death; null for any other line. */
export function deathNoticeIn(text: string): string | null {
  if (!text.includes(' unexpectedly') || saidInPassing.test(text)) return null;
  return deathNotice.exec(text)?.groups?.['text'] ?? null;
}

// (EngineCore pid=30) INFO 11-22 05:29:55 [...] Received request ...: prompt: 'engine core exited unexpectedly ...'
const saidInPassing = /^(?:\([^)]{1,80}\) )?(?:INFO|DEBUG) /;
// (EngineCore pid=30) ERROR 11-22 05:29:55 [multiproc_executor.py:315] Worker proc VllmWorker-0 died unexpectedly
// (exit code: -9), shutting down executor.
// (MainProcess pid=13) WARNING 11-22 05:39:15 [core_client.py:817] [shutdown] MPClient: engine core exited
// unexpectedly; starting cleanup
const deathNotice = /(?<text>Worker proc \S+ died unexpectedly.*|engine core exited unexpectedly.*)$/;
