import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { PARSERS } from '../../parsers/index.ts';

/** Files that parsers are made of and that parse no evidence of their own. */
const NOT_PARSERS = ['evidence', 'failure-rules', 'index', 'json', 'model-failure-rules', 'parser'];

test('the table names every file of parsers/, in order, once', () => {
  const files = readdirSync(new URL('../../parsers', import.meta.url))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => name.slice(0, -3))
    .filter((name) => !NOT_PARSERS.includes(name));
  expect(PARSERS.map(({ id }) => id)).toEqual(files.sort());
});
