import type { Line } from '../src/schema/evidence.ts';
import type { Streams } from './parser.ts';

/** The line that says why an engine died. */
export interface DecisiveError {
  /** `ValueError: To serve at least one request ...`, without log prefix and module path. */
  readonly text: string;
  /** `ValueError`; null when it is no Python exception. */
  readonly exception: string | null;
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
 * follow-up only. What fails before the engine starts is a traceback on stderr, its last line decisive. So: the first
 * exception that an engine process logs, else the last one on stderr, follow-ups left out. A killed process leaves no
 * exception: then what the others say about it, and at the very last a follow-up.
 */
export function decisiveErrorReader(): DecisiveErrorReader {
  let logged: DecisiveError | null = null;
  let traced: DecisiveError | null = null;
  let death: DecisiveError | null = null;
  let followUp: DecisiveError | null = null;
  const traceback = tracebackReader();

  /** vLLM logs to stdout, or to stderr when VLLM_LOGGING_STREAM says so. */
  function hearLog(line: Line, stream: DecisiveError['stream']): void {
    const error = loggedError(line, stream);
    if (error !== null && isFollowUp(error)) followUp ??= error;
    else logged ??= error;
    death ??= deathNotice(line, stream);
  }

  return {
    stdout(line) {
      hearLog(line, 'stdout');
    },
    stderr(line) {
      hearLog(line, 'stderr');
      const error = traceback(line);
      if (error !== null && isFollowUp(error)) followUp ??= error;
      else traced = error ?? traced;
    },
    error: () => logged ?? traced ?? death ?? followUp,
  };
}

// (EngineCore pid=3001) ERROR 11-22 05:29:51 [core.py:1510] ValueError: To serve at least one request with the ...
// (Worker_TP0 pid=77) ERROR 11-22 05:35:12 [multiproc_executor.py:953] safetensors._safetensors_rust.SafetensorError: ...
// ERROR 07-01 10:00:00 [core.py:390] ValueError: ...                                       (before 0.10.1: no process)
const engineErrorLine = /^(?:\((?!MainProcess)[^)]{1,80}\) )?ERROR \S+ \S+ \[[^\]]{1,120}\] (?<said>\S.*)$/;

function loggedError(line: Line, stream: DecisiveError['stream']): DecisiveError | null {
  const said = engineErrorLine.exec(line.text)?.groups?.['said'];
  return said === undefined ? null : exceptionIn(said, stream, line.number);
}

// ValueError: Couldn't instantiate the backend tokenizer from one of:
// torch.OutOfMemoryError: CUDA out of memory. Tried to allocate ...
// KeyboardInterrupt
const exceptionLine = /^(?:\w+\.)*(?<exception>\w*(?:Error|Exception|Interrupt|Exit))(?:: (?<message>.*))?$/;

function exceptionIn(said: string, stream: DecisiveError['stream'], line: number): DecisiveError | null {
  const groups = exceptionLine.exec(said)?.groups;
  if (groups === undefined) return null;
  const exception = groups['exception'] ?? null;
  const message = groups['message']?.trim() ?? '';
  return { text: message === '' ? `${exception}` : `${exception}: ${message}`, exception, stream, line };
}

// pydantic_core._pydantic_core.ValidationError: 1 validation error for ModelConfig
//   Value error, Unknown quantization method: nosuchquant. Must be one of [...] [type=value_error, input_value=...]
const validationSummary = /^(?:\w+\.)*ValidationError: \d+ validation errors? for /;
const validationMessage = /^ {2,}(?<message>\S.*?)(?: \[type=\w+, input_value=.*)?$/;
// vllm: error: unrecognized arguments: --no-such-flag 3
const argparseError = /^(?<text>[\w.][\w. /-]{0,120}: error: .+)$/;

/** Reads stderr, where an error can stand on the line after the exception, or be noise of Python's own shutdown. */
function tracebackReader(): (line: Line) => DecisiveError | null {
  let detailsWithin = 0;
  let ignoring = false;
  return (line) => {
    // In-process engines prefix every line of a traceback with their rank.
    const text = line.text.replace(/^\[rank\d+\]: /, '');
    // Exception ignored in: <function ...>   What follows is printed while Python shuts down, after the real error.
    if (text.startsWith('Exception ignored in')) ignoring = true;
    const detail = detailsWithin > 0 ? validationMessage.exec(text)?.groups?.['message'] : undefined;
    // One line may stand between: the name of the field.
    detailsWithin = validationSummary.test(text) ? 2 : detail === undefined ? detailsWithin - 1 : 0;
    if (detail !== undefined) {
      return { text: detail, exception: 'ValidationError', stream: 'stderr', line: line.number };
    }
    const argparse = argparseError.exec(text)?.groups?.['text'];
    if (argparse !== undefined) return { text: argparse, exception: null, stream: 'stderr', line: line.number };
    const error = exceptionIn(text, 'stderr', line.number);
    if (error === null || !ignoring) return error;
    ignoring = false;
    return null;
  };
}

/** What is only said because something else went wrong before. */
const FOLLOW_UPS = [
  'RuntimeError: Engine core initialization failed.',
  'RuntimeError: cancelled',
  'Exception: WorkerProc initialization failed',
  'EngineDeadError: EngineCore encountered an issue.',
];

function isFollowUp(error: DecisiveError): boolean {
  return FOLLOW_UPS.some((start) => error.text.startsWith(start));
}

// (EngineCore pid=30) ERROR 11-22 05:29:55 [multiproc_executor.py:315] Worker proc VllmWorker-0 died unexpectedly (exit code: -9), ...
// (MainProcess pid=13) WARNING 11-22 05:39:15 [core_client.py:817] [shutdown] MPClient: engine core exited unexpectedly; ...
const deathLine = /(?<text>Worker proc \S+ died unexpectedly.*|engine core exited unexpectedly.*)$/;

function deathNotice(line: Line, stream: DecisiveError['stream']): DecisiveError | null {
  const text = line.text.includes(' unexpectedly') ? deathLine.exec(line.text)?.groups?.['text'] : undefined;
  return text === undefined ? null : { text, exception: null, stream, line: line.number };
}
