import { expect, test } from 'vitest';
import { parseDriverEvent } from '../../parsers/driver-event.ts';

const event = (text: string) => parseDriverEvent({ text, number: 1 });

test('an event of the driver', () => {
  expect(event('[orchestrate] {"event": "job_end", "job": "3f9a", "repeat": 0, "file": "3f9a.r0.json"}')).toEqual({
    event: 'job_end',
    job: '3f9a',
    repeat: 0,
    file: '3f9a.r0.json',
  });
});

test.each(['Throughput: 1.23 requests/s', '(EngineCore pid=1) INFO [orchestrate]', ''])(
  'not the driver: %s',
  (text) => {
    expect(event(text)).toBeNull();
  },
);

test.each([
  { text: '[orchestrate] {"event": "job_end", "job":', says: 'not JSON, perhaps torn' },
  { text: '[orchestrate] ', says: 'empty' },
  { text: '[orchestrate] {"event": "job_exploded"}', says: 'event' },
  { text: '[orchestrate] {"event": "engine_ready", "seconds": NaN}', says: 'not JSON' },
  { text: '[orchestrate] {"event": "job_begin", "job": 7, "run_name": "a", "repeat": 1.5}', says: 'job' },
])('unreadable: $text', ({ text, says }) => {
  expect(event(text)).toEqual({ unreadable: expect.stringContaining(says) });
});

test('an event behind what another process left on the line', () => {
  expect(event('half a line[orchestrate] {"event": "driver_done"}')).toEqual({ event: 'driver_done' });
  expect(event('INFO the line "[orchestrate] {...}" was quoted')).toBeNull();
});
