import { expect, test } from 'vitest';
import { parseThroughputJson } from '../../parsers/vllm-output-json.ts';

const FILE = {
  elapsed_time: 0.5,
  num_requests: 32,
  total_num_tokens: 5136,
  requests_per_second: 64,
  tokens_per_second: 10272,
};

test('the five keys of every version, and model_id of 0.31 and later', () => {
  expect(parseThroughputJson(JSON.stringify(FILE, null, 4))).toEqual(FILE);
  expect(parseThroughputJson(JSON.stringify({ model_id: './tiny', ...FILE }))).toEqual({ model_id: './tiny', ...FILE });
});

test.each([
  { text: '', says: 'empty' },
  { text: '{"elapsed_time": 0.5,', says: 'not JSON, perhaps torn' },
  { text: '{"elapsed_time": NaN}', says: 'not JSON' },
  { text: '[]', says: 'the whole' },
  { text: JSON.stringify({ ...FILE, elapsed_time: 0 }), says: 'elapsed_time' },
  { text: JSON.stringify({ ...FILE, num_requests: -1 }), says: 'num_requests' },
  { text: JSON.stringify(FILE).replace('64', '1e309'), says: 'requests_per_second' },
  { text: '{}', says: '(and 2 more)' },
])('unreadable: $text', ({ text, says }) => {
  expect(parseThroughputJson(text)).toEqual({ unreadable: expect.stringContaining(says) });
});
