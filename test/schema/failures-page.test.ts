import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { failuresPage } from '../../scripts/pages/failures.ts';
import { FAILURE_CLASSES } from '../../src/schema/failure-class.ts';

test('docs/failures.md is what `npm run pages` writes', () => {
  const page = readFileSync(new URL('../../docs/failures.md', import.meta.url), 'utf8');
  expect(page).toBe(failuresPage());
});

test('every class has a row of five cells, and a bar in a text does not end one', () => {
  const rows = failuresPage({
    'a-b': { happened: 'x | y', remedy: 'mend it', transient: true, reach: 'larger' },
  }).split('\n');
  expect(rows).toContain('| `a-b` | x \\| y | mend it | yes | what needs as much or more |');
  expect(failuresPage().match(/^\| `[a-z-]+` \|/gm)).toHaveLength(Object.keys(FAILURE_CLASSES).length);
});

test('what happened and what to do are parts of a sentence', () => {
  for (const { happened, remedy } of Object.values(FAILURE_CLASSES)) {
    expect(happened).toMatch(/^[a-z].*[^.]$/);
    expect(remedy).toMatch(/^[a-z].*[^.]$/);
  }
});
