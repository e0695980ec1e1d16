import type { Line } from '../src/schema/evidence.ts';
import { deathNoticeIn, kernelNoticeIn, lastWordsIn } from './death-notices.ts';
import type { Streams } from './parser.ts';

/** The line that says why an engine died. */
export interface DecisiveError {
  /** `ValueError: To serve at least one request ...`, without log prefix and module path. */
  readonly text: string;
  /** `ValueError`; null when it is no Python exception. */
  readonly exception: string | null;
  /** What the same process says right after it: the rest of a message of several lines. */
  readonly details: readonly string[];
  /**
   * Who says it: the kernel about the whole host, an engine process in vLLM's log, a traceback on stderr, a process as
   * it is killed, others about its death, or what is only said because something else went wrong before.
   */
  readonly by: 'kernel' | 'engine' | 'traceback' | 'last-words' | 'notice' | 'follow-up';
  readonly stream: 'stdout' | 'stderr';
  readonly line: number;
}

/** The decisive error of a whole attempt; null when neither stream holds one. Of a run that went well it means nothing. */
export function parseDecisiveError(streams: Streams): DecisiveError | null {
  const reader = decisiveErrorReader();
  for (const line of streams.stdout) reader.stdout(line);
  for (const line of streams.stderr) reader.stderr(line);
  return reader.error();
}

export interface DecisiveErrorReader {
  stdout(line: Line): void;
  stderr(line: Line): void;
  error(): DecisiveError | null;
}

/**
 * What fails in the engine is logged on stdout, its cause first and what follows from it last; stderr then ends in a
 * follow-up only. What fails before the engine starts is a traceback on stderr, its last line decisive. So: what the
 * kernel says, else the first exception that an engine process logs, else the last one on stderr, follow-ups left out.
 * A killed process leaves no exception: then what the others say about it, and at the very last a follow-up.
 */
export function decisiveErrorReader(): DecisiveErrorReader {
  const first: Partial<Record<DecisiveError['by'], Growing>> = {};
  let traced: Growing | null = null;
  const traceback = tracebackReader();
  const rest = messageReader();

  function keep(error: Growing | null): boolean {
    if (error === null || first[error.by] !== undefined) return false;
    first[error.by] = error;
    return true;
  }

  /** vLLM logs to stdout, or to stderr when VLLM_LOGGING_STREAM says so. */
  function hearLog(line: Line, stream: DecisiveError['stream']): void {
    const logged = engineErrorLine.exec(line.text)?.groups;
    const said = logged?.['said'] ?? line.text;
    keep(noticeOf(deathNoticeIn(said), 'notice', stream, line));
    if (logged === undefined) {
      keep(noticeOf(kernelNoticeIn(said), 'kernel', stream, line));
      keep(noticeOf(lastWordsIn(said), 'last-words', stream, line));
      return;
    }
    const process = logged['process'] ?? 'the only one';
    rest.hear(said, process);
    const error = exceptionIn(said, 'engine', stream, line.number);
    if (error !== null && keep(error)) rest.follow(error, process);
  }

  return {
    stdout: (line) => hearLog(line, 'stdout'),
    stderr(line) {
      hearLog(line, 'stderr');
      const text = withoutRank(line.text);
      rest.hear(text, 'stderr');
      const error = traceback(text, line.number);
      if (error === null) return;
      if (error.by === 'follow-up') keep(error);
      else traced = error;
      rest.follow(error, 'stderr');
    },
    error: () =>
      first.kernel ?? first.engine ?? traced ?? first['last-words'] ?? first.notice ?? first['follow-up'] ?? null,
  };
}

/** An error whose message may go on. */
type Growing = DecisiveError & { readonly details: string[] };

function noticeOf(
  text: string | null,
  by: 'kernel' | 'last-words' | 'notice',
  stream: DecisiveError['stream'],
  line: Line,
): Growing | null {
  return text === null ? null : { text, exception: null, details: [], by, stream, line: line.number };
}

// (EngineCore pid=3001) ERROR 11-22 05:29:51 [core.py:1510] ValueError: To serve at least one request with the ...
// (Worker_TP0 pid=77) ERROR 11-22 05:35:12 [multiproc_executor.py:953] safetensors._safetensors_rust.SafetensorError: ...
// ERROR 07-01 10:00:00 [core.py:390] ValueError: ...                                       (before 0.10.1: no process)
const engineErrorLine = /^(?:\((?<process>(?!MainProcess)[^)]{1,80})\) )?ERROR \S+ \S+ \[[^\]]{1,120}\] ?(?<said>.*)$/;

// ValueError: Couldn't instantiate the backend tokenizer from one of:
// torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ...
// KeyboardInterrupt
const exceptionLine = /^(?:\w+\.)*(?<exception>\w*(?:Error|Exception|Interrupt|Exit))(?:: (?<message>.*))?$/;

function exceptionIn(
  said: string,
  by: 'engine' | 'traceback',
  stream: DecisiveError['stream'],
  line: number,
): Growing | null {
  const groups = exceptionLine.exec(said)?.groups;
  if (groups === undefined) return null;
  const exception = groups['exception'] ?? null;
  const message = groups['message']?.trim() ?? '';
  const text = message === '' ? `${exception}` : `${exception}: ${message}`;
  return { text, exception, details: [], by: isFollowUp(text) ? 'follow-up' : by, stream, line };
}

const MOST_DETAILS = 12;
/** Another traceback begins, or the one that has the cause ended. */
const notOfTheMessage =
  /^(?:Traceback \(most recent call last\):|The above exception was|During handling of the above)/;

/** Adds to an error what its process goes on to say; processes write at the same time. */
function messageReader(): { hear(said: string, process: string): void; follow(error: Growing, process: string): void } {
  const unfinished = new Map<string, string[]>();
  return {
    hear(said, process) {
      const details = unfinished.get(process);
      if (details === undefined || said.trim() === '') return;
      if (notOfTheMessage.test(said) || details.length === MOST_DETAILS) unfinished.delete(process);
      else details.push(said.trim());
    },
    follow: ({ details }, process) => void unfinished.set(process, details),
  };
}

/** In-process engines prefix every line of a traceback with their rank. */
function withoutRank(text: string): string {
  return text.replace(/^\[rank\d+\]: ?/, '');
}

// pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig
//   Value error, Unknown quantization method: nosuchquant. Must be one of [...] [type=value_error, input_value=...]
const validationSummary = /^(?:\w+\.)*ValidationError: \d+ validation errors? for /;
const validationMessage = /^ {2,}(?<message>\S.*?)(?: \[type=\w+, input_value=.*)?$/;
// vllm: error: unrecognized arguments: --no-such-flag 3
const argparseError = /^(?<text>[\w.][\w. /-]{0,120}: error: .+)$/;

/** Reads stderr, where an error can stand on the line after the exception, or be noise of Python's own shutdown. */
function tracebackReader(): (text: string, line: number) => Growing | null {
  let detailsWithin = 0;
  let ignoring = false;
  const traced = (text: string, exception: string | null, line: number): Growing => {
    return { text, exception, details: [], by: 'traceback', stream: 'stderr', line };
  };
  return (text, line) => {
    // Exception ignored in: <function ...>   What follows is printed while Python shuts down, after the real error.
    if (text.startsWith('Exception ignored in')) ignoring = true;
    const detail = detailsWithin > 0 ? validationMessage.exec(text)?.groups?.['message'] : undefined;
    // One line may stand between: the name of the field.
    detailsWithin = validationSummary.test(text) ? 2 : detail === undefined ? detailsWithin - 1 : 0;
    if (detail !== undefined) return traced(detail, 'ValidationError', line);
    const argparse = argparseError.exec(text)?.groups?.['text'];
    if (argparse !== undefined) return traced(argparse, null, line);
    const error = exceptionIn(text, 'traceback', 'stderr', line);
    if (error === null || !ignoring) return error;
    ignoring = false;
    return null;
  };
}

/** What is only said because something else went wrong before. */
const FOLLOW_UPS = [
  /^RuntimeError: Engine core initialization failed\./,
  /^RuntimeError: (?:cancelled|Executor failed\.)$/,
  /^RuntimeError: Worker failed with error '/,
  /^Exception: WorkerProc initialization failed/,
  /^EngineDeadError: EngineCore encountered an issue\./,
  // What the ranks that are left say when one of them has died: gloo, NCCL, pipes.
  /^(?:RuntimeError|Dist\w+Error): .*Connection (?:closed|reset) by peer/,
  /^(?:RuntimeError|Dist\w+Error): .*remote process exited/,
  /^(?:EOFError$|BrokenPipeError\b)/,
];

function isFollowUp(text: string): boolean {
  return FOLLOW_UPS.some((start) => start.test(text));
}
