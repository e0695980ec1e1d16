import { MeasurementFile, PROTOCOL, type RequestColumns } from '../src/schema/driver-protocol.ts';
import type { EngineReport } from '../src/schema/engine.ts';
import { jsonOf } from './json.ts';
import { isUnreadable, type Unreadable } from './parser.ts';

/** The text of `<job id>.r<repeat>.json`, which the resident driver writes for each measurement. */
export function parseMeasurementFile(text: string): MeasurementFile | Unreadable {
  const file = jsonOf(text, MeasurementFile);
  if (isUnreadable(file)) return { unreadable: otherProtocol(text) ?? file.unreadable };
  const wrong = wrongColumns(file.requests) ?? wrongSeconds(file) ?? wrongEngine(file.engine);
  return wrong === null ? file : { unreadable: wrong };
}

/** A file of another protocol has many faults that only follow from that one. */
function otherProtocol(text: string): string | null {
  // {"protocol": 1, "driver": "resident", ...
  const told = /^\s*\{\s*"protocol":\s*(?<protocol>\d{1,9})\b/.exec(text)?.groups?.['protocol'];
  if (told === undefined || Number(told) === PROTOCOL) return null;
  return `written in protocol ${told}; this program reads protocol ${PROTOCOL}`;
}

function wrongColumns(requests: RequestColumns): string | null {
  const columns = Object.entries(requests);
  const rows = requests.prompt_tokens.length;
  if (rows === 0) return 'no request in it';
  const ragged = columns.find(([, values]) => values.length !== rows);
  if (ragged !== undefined) {
    return `columns of unequal length: prompt_tokens has ${rows} rows, ${ragged[0]} has ${ragged[1].length}`;
  }
  for (const [name, values] of columns) {
    const row = values.findIndex((value) => typeof value === 'number' && value < 0);
    if (row !== -1) return `requests.${name}.${row}: ${values[row]} is negative`;
    const huge = values.findIndex((value) => typeof value === 'number' && value > LARGEST);
    if (huge !== -1) return `requests.${name}.${huge}: ${values[huge]} is no count and no time`;
  }
  return null;
}

/** Beyond every count and every clock (a Unix time has ten digits); a sum of such figures stays finite. */
const LARGEST = 1e15;

/** Below the resolution of the clock; a rate per such a time can be infinite. */
const SHORTEST_S = 1e-6;

function wrongEngine(engine: EngineReport): string | null {
  const { weights, ...settings } = engine;
  const counts = { ...settings, ...weights?.by_dtype, ...weights?.methods, bytes: weights?.bytes ?? 0 };
  for (const [name, value] of Object.entries(counts)) {
    if (typeof value === 'number' && (value < 0 || value > LARGEST)) return `engine: ${value} is no value for ${name}`;
  }
  // What is divided by.
  const zero = (['block_size', 'kv_cache_tokens'] as const).find((name) => engine[name] === 0);
  return zero === undefined ? null : `engine: 0 is no value for ${zero}`;
}

function wrongSeconds(file: MeasurementFile): string | null {
  if (file.elapsed_s < SHORTEST_S || file.elapsed_s > LARGEST) return `elapsed_s: ${file.elapsed_s} is no duration`;
  const negative = Object.entries(file.phases).find(([, seconds]) => seconds < 0);
  if (negative !== undefined) return `phases.${negative[0]}: ${negative[1]} is negative`;
  return file.warmup_requests < 0 ? `warmup_requests: ${file.warmup_requests} is negative` : null;
}
