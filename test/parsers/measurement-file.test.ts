import { expect, test } from 'vitest';
import { parseMeasurementFile } from '../../parsers/measurement-file.ts';
import { cleanFile, withCell } from '../summary/clean.ts';

test('what the resident driver writes', () => {
  expect(parseMeasurementFile(JSON.stringify(cleanFile()))).toEqual(cleanFile());
});

test('keys that a later driver adds are no fault', () => {
  expect(parseMeasurementFile(JSON.stringify({ ...cleanFile(), later: 1 }))).toEqual(cleanFile());
});

const whole = JSON.stringify(cleanFile());
const { queued_ts: _gone, ...without } = cleanFile().requests;

test.each([
  { name: 'empty', text: '', says: 'empty' },
  { name: 'torn', text: whole.slice(0, whole.length / 2), says: 'not JSON, perhaps torn' },
  { name: 'null', text: 'null', says: 'the whole' },
  {
    name: 'protocol',
    text: whole.replace('"protocol":1', '"protocol":2'),
    says: 'written in protocol 2; this program reads',
  },
  { name: 'column gone', text: JSON.stringify({ ...cleanFile(), requests: without }), says: 'requests.queued_ts' },
  {
    name: 'ragged',
    text: JSON.stringify({ ...cleanFile(), requests: { ...cleanFile().requests, queued_ts: [1, 2] } }),
    says: 'columns of unequal length: prompt_tokens has 4 rows, queued_ts has 2',
  },
  {
    name: 'no request',
    text: JSON.stringify({
      ...cleanFile(),
      requests: Object.fromEntries(Object.keys(cleanFile().requests).map((key) => [key, []])),
    }),
    says: 'no request in it',
  },
  {
    name: 'negative count',
    text: JSON.stringify(withCell(cleanFile(), 'output_tokens', 2, -32)),
    says: 'requests.output_tokens.2: -32 is negative',
  },
  { name: 'infinite', text: whole.replace('"elapsed_s":2', '"elapsed_s":1e309'), says: 'elapsed_s' },
  { name: 'NaN', text: whole.replace('"elapsed_s":2', '"elapsed_s":NaN'), says: 'not JSON' },
  { name: 'no time', text: whole.replace('"elapsed_s":2', '"elapsed_s":0'), says: 'elapsed_s' },
  {
    name: 'half a token',
    text: JSON.stringify(withCell(cleanFile(), 'prompt_tokens', 0, 127.5)),
    says: 'prompt_tokens.0',
  },
  {
    name: 'negative phase',
    text: whole.replace('"reset_s":0.01', '"reset_s":-1'),
    says: 'phases.reset_s: -1 is negative',
  },
])('unreadable: $name', ({ text, says }) => {
  expect(parseMeasurementFile(text)).toEqual({ unreadable: expect.stringContaining(says) });
});
