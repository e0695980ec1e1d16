import { DriverEvent, EVENT_PREFIX } from '../src/schema/driver-protocol.ts';
import type { Line } from '../src/schema/evidence.ts';
import { jsonOf } from './json.ts';
import { isUnreadable, type Unreadable } from './parser.ts';

/**
 * The driver's event on a line of its stdout; null for the engine's own output.
 *
 * An event may stand behind what another process left without a newline. There it only counts when it is whole, since a
 * log line may well quote one.
 */
export function parseDriverEvent(line: Line): DriverEvent | Unreadable | null {
  const at = line.text.indexOf(EVENT_PREFIX);
  if (at === -1) return null;
  const event = jsonOf(line.text.slice(at + EVENT_PREFIX.length), DriverEvent);
  return at > 0 && isUnreadable(event) ? null : event;
}
