import { deathNoticeIn, kernelNoticeIn, lastWordsIn } from './death-notices.ts';
import { parseDecisiveError } from './decisive-error.ts';
import { parseDriverEvent } from './driver-event.ts';
import { parseDriverLog } from './driver-log.ts';
import { engineConfigIn } from './engine-config.ts';
import { kernelIn } from './engine-kernels.ts';
import { parseEngineLog } from './engine-log.ts';
import { showsProgress } from './engine-progress.ts';
import { classOfLine } from './failure-class.ts';
import { parseMeasurementFile } from './measurement-file.ts';
import type { Parser } from './parser.ts';
import { resultLineIn } from './result-lines.ts';
import { parseTelemetry } from './telemetry.ts';
import { parseThroughputJson } from './vllm-output-json.ts';
import { parseThroughput } from './vllm-throughput.ts';

/** Every parser: to add one, write its file (named like its id) and its line here. */
export const PARSERS: readonly Parser[] = [
  {
    id: 'death-notices',
    reads: 'line',
    parse: ({ text }) => kernelNoticeIn(text) ?? lastWordsIn(text) ?? deathNoticeIn(text),
  },
  { id: 'decisive-error', reads: 'streams', parse: parseDecisiveError },
  { id: 'driver-event', reads: 'line', parse: parseDriverEvent },
  { id: 'driver-log', reads: 'streams', parse: (streams) => parseDriverLog(streams.stdout) },
  { id: 'engine-config', reads: 'line', parse: engineConfigIn },
  { id: 'engine-kernels', reads: 'line', parse: kernelIn },
  { id: 'engine-log', reads: 'streams', parse: (streams) => parseEngineLog(streams) },
  { id: 'engine-progress', reads: 'line', parse: ({ text }) => showsProgress(text) },
  { id: 'failure-class', reads: 'line', parse: ({ text }) => classOfLine(text) },
  { id: 'measurement-file', reads: 'text', parse: parseMeasurementFile },
  { id: 'result-lines', reads: 'line', parse: resultLineIn },
  { id: 'telemetry', reads: 'text', parse: parseTelemetry },
  { id: 'vllm-output-json', reads: 'text', parse: parseThroughputJson },
  { id: 'vllm-throughput', reads: 'streams', parse: parseThroughput },
];
