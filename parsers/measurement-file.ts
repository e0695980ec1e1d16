import { MeasurementFile, PROTOCOL, type RequestColumns } from '../src/schema/driver-protocol.ts';
import { jsonOf } from './json.ts';
import { isUnreadable, type Unreadable } from './parser.ts';

/** The text of `<job id>.r<repeat>.json`, which the resident driver writes for each measurement. */
export function parseMeasurementFile(text: string): MeasurementFile | Unreadable {
  const file = jsonOf(text, MeasurementFile);
  if (isUnreadable(file)) return { unreadable: otherProtocol(text) ?? file.unreadable };
  const wrong = wrongColumns(file.requests) ?? wrongSeconds(file);
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
  }
  return null;
}

function wrongSeconds(file: MeasurementFile): string | null {
  const negative = Object.entries(file.phases).find(([, seconds]) => seconds < 0);
  if (negative !== undefined) return `phases.${negative[0]}: ${negative[1]} is negative`;
  return file.warmup_requests < 0 ? `warmup_requests: ${file.warmup_requests} is negative` : null;
}
