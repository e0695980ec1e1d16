import { FAILURE_CLASSES, type FailureClass, type Reach } from '../../src/schema/failure-class.ts';

/** docs/failures.md: the table of classes as the code treats them. */
export function failuresPage(classes: Readonly<Record<string, FailureClass>> = FAILURE_CLASSES): string {
  const rows = Object.entries(classes).map(([id, { happened, remedy, transient, reach }]) =>
    ['', `\`${id}\``, happened, remedy, transient ? 'yes' : 'no', REACHES[reach], ''].map(cell).join(' | ').trim(),
  );
  return `${[HEAD, COLUMNS, ...rows].join('\n')}\n${FOOT}`;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

const REACHES: Readonly<Record<Reach, string>> = {
  none: '',
  larger: 'what needs as much or more',
  loading: 'the same model, precision and parallel sizes',
  engine: 'equal engine settings',
  flags: 'the same model and flags',
  model: 'the same model',
};

const COLUMNS = '| class | what happened | what to do | retried | left out as well |\n|---|---|---|---|---|';

const HEAD = `# Failures

<!-- Written by \`npm run pages\` from src/schema/failure-class.ts. Change a class there, not this page. -->

A point that could not be measured has its class as the \`code\` of its reason, and a sentence: what happened, the line
of the log that says so, how the engine ended, and what to do.
`;

const FOOT = `
## How a class is found

The decisive line is the cause, not what followed from it: the first exception that an engine process logs, else the
last one on stderr, else what is said about a process that died without a word. What the ranks that are left, the parent
and the executor say about the death of another is used only where there is nothing else. Lines of the kernel count
where they stand in the same log, as in some containers. A text counts where an exception, the kernel or vLLM says it,
not in a prompt or in the name of a model.

How the process ended decides where the log does not. An engine that is stopped for want of progress is a \`hang\` only if
its log names no error: vLLM's front end waits for ever when its engine core was killed, and that is \`engine-died\`. A
process that gets SIGKILL leaves no word of who sent it; it is \`host-memory\` only where the kernel says so, and dmesg
tells the rest.

\`Free memory on device ... is less than desired GPU memory utilization\` is \`device-busy\` unless more than 90 % of the
device is free: then vLLM wants more than an idle device has, which is \`device-memory\`.

An XID error in telemetry.jsonl makes what the engine only felt (\`kernel-fault\`, \`device-link\`, \`engine-died\`,
\`hang\`, \`timed-out\`, \`lost\`) a \`device-lost\`, but for 13, 31, 43 and 45, which a program brings about.

The source document's two texts keep their words in \`status\`: \`uncorrectable NVLink error\` is \`RETRYABLE_ERROR\`
and \`EngineCore failed to start.\` is \`TERMINATED_DUE_TO_FATAL_ERROR\`, whatever the class.

## What is retried, and what is left out

A failure that may pass by itself is tried again, \`retries\` times, after \`retry_delay_seconds\` and longer each time.
From one that does not pass it may be certain that others fail alike: they are left out with the reason, and tried by
the next run. Certain means:

- \`what needs as much or more\`, of an engine that did not start for want of memory: equal settings, but no more devices,
  no smaller \`max_num_seqs\`, no shorter \`max_model_len\`, and a \`gpu_memory_utilization\` that helps no more. Of a
  measurement: the same engine, and no length or count smaller.
- Everywhere the same \`args\`, \`env\` and checkpoint. Another model is always tried.

What merely is likely is tried. \`max_consecutive_failures\` ends a launch whose engine dies again and again.

Texts of CUDA, ROCm and TPU could not be caused where this was made: they are quoted from vLLM's source (0.8.5 to
0.32.0), from torch, NCCL and NVIDIA's driver, and from logs that others published.
`;
