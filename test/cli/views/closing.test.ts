import { expect, test } from 'vitest';
import { closingLines, resultText } from '../../../src/cli/views/closing.ts';
import { recordOf, summaryOf } from '../../reports/make-summaries.ts';

const output = { write: () => true, columns: 80 };

test('the verdict stands once at the end of a run, just above where everything is', () => {
  const records = [recordOf({}), recordOf({ tp: 2, state: 'not-run' })];
  const text =
    resultText(summaryOf(records), output, {}) + closingLines({ left: 0, interruptedBy: null }, 'results/a', 'again');
  expect(text.match(/2 points/g)).toHaveLength(1);
  expect(text).toMatch(/\n2 points: 1 valid, 1 not run\nreport: results\/a\/summary_report\.json/);
  expect(text).not.toContain('not-run');
});

test('a run that was interrupted says what by, what is left, and how to go on', () => {
  const lines = closingLines({ left: 3, interruptedBy: 'SIGINT' }, 'results/a', 'orchestrate a.yaml');
  expect(lines).toContain('interrupted by SIGINT; 3 measurements left, every finished one is kept\n');
  expect(lines).toContain('to go on: orchestrate a.yaml\n');
});
