import { expect, test } from 'vitest';
import { readJunit } from '../../scripts/suites/pytest.ts';
import { isGreen, type SuiteResult, suiteTrouble, tallyLine } from '../../scripts/suites/suite.ts';
import { readVitestReport } from '../../scripts/suites/vitest.ts';

const three: SuiteResult = { name: 'a', passed: 3, failed: 0, skipped: [], trouble: null };
const oneSkipped: SuiteResult = { ...three, skipped: ['needs a browser'] };

test('the tally is over all suites, and names skipped tests only where there are some', () => {
  expect(tallyLine([three, three])).toBe('6 passed, 0 failed');
  expect(tallyLine([three, oneSkipped, suiteTrouble('b', 'did not start')])).toBe('6 passed, 1 failed, 1 skipped');
});

test('green: everything ran and nothing failed; a strict one skips nothing either', () => {
  expect(isGreen([three, oneSkipped], { strict: false })).toBe(true);
  expect(isGreen([three, oneSkipped], { strict: true })).toBe(false);
  expect(isGreen([{ ...three, failed: 1 }], { strict: false })).toBe(false);
  expect(isGreen([{ ...three, trouble: 'an unhandled error' }], { strict: false })).toBe(false);
  expect(isGreen([{ ...three, passed: 0 }], { strict: false })).toBe(false);
});

test('vitest: a file that fails before its first test is one failure', () => {
  const test = (status: string) => ({ fullName: `a ${status} test`, status });
  const report = {
    testResults: [
      { status: 'passed', assertionResults: [test('passed'), test('skipped'), test('todo')] },
      { status: 'failed', assertionResults: [test('passed'), test('failed')] },
      { status: 'failed', assertionResults: [] },
    ],
  };
  expect(readVitestReport(report, 1)).toEqual({
    name: 'vitest',
    passed: 2,
    failed: 2,
    skipped: ['a skipped test', 'a todo test'],
    trouble: null,
  });
});

test('vitest: an unhandled error fails no test and is trouble all the same', () => {
  const report = { testResults: [{ status: 'passed', assertionResults: [{ fullName: 'a', status: 'passed' }] }] };
  expect(readVitestReport(report, 1)).toMatchObject({ failed: 0, trouble: expect.stringContaining('ended with 1') });
});

test('pytest: passed, failed, errors and skips with their reason', () => {
  const xml = `<?xml version="1.0"?><testsuites><testsuite name="pytest" tests="5">
<testcase classname="t" name="test_a" time="0.1" />
<testcase classname="t" name="test_b[x&gt;y]"><failure message="assert 1 == 2">AssertionError &lt;testcase&gt;</failure></testcase>
<testcase classname="t" name="test_c"><error message="fixture">no</error></testcase>
<testcase classname="t" name="test_d[&lt;x&gt; &quot;y&quot;]"><skipped type="pytest.skip" message="needs vLLM">x</skipped></testcase>
<testcase classname="t" name="test_e" time="0.1"><properties /></testcase></testsuite></testsuites>`;
  expect(readJunit(xml, 1)).toEqual({
    name: 'pytest',
    passed: 2,
    failed: 2,
    skipped: ['test_d[<x> "y"]: needs vLLM'],
    trouble: null,
  });
});

test('pytest: no test at all, or an end before its time, is trouble', () => {
  expect(readJunit('<testsuites><testsuite /></testsuites>', 5)).toMatchObject({ trouble: 'pytest ended with 5' });
  expect(readJunit('<testsuites><testsuite /></testsuites>', 3)).toMatchObject({ trouble: 'pytest ended with 3' });
});
