/**
 * `npm test`: installs what is missing and runs every suite; `npm test -- test/config` only what is named (paths below
 * test/drivers go to pytest, everything else to vitest). Its last line is the tally over all suites.
 */
import { pythonChecks, staticChecks } from './suites/checks.ts';
import { say } from './suites/command.ts';
import { runPytest } from './suites/pytest.ts';
import { readyTestPython, type TestPython } from './suites/python-environment.ts';
import { isGreen, type SuiteResult, suiteTrouble, tallyLine } from './suites/suite.ts';
import { runVitest } from './suites/vitest.ts';

const args = process.argv.slice(2);
const results = args.length === 0 ? await everything() : await named(args);
for (const { name, trouble, skipped } of results) {
  for (const test of skipped) say(`skipped (${name}): ${test}`);
  if (trouble !== null) say(`${name}: ${trouble}`);
}
const isContinuousIntegration = process.env['CI'] === 'true' && args.length === 0;
if (isContinuousIntegration && results.some(({ skipped }) => skipped.length > 0))
  say('CI=true: a skipped test is a failure');
say(tallyLine(results));
process.exitCode = isGreen(results, { strict: isContinuousIntegration }) ? 0 : 1;

async function everything(): Promise<SuiteResult[]> {
  const checks = await staticChecks.run();
  // Before vitest, whose tests of the whole program run on the vLLM that this sets up.
  const python = await testPython();
  const vitest = await runVitest([]);
  if (python instanceof Error) return [checks, vitest, suiteTrouble('python', python.message)];
  return [checks, vitest, await runPytest(python.python, [], python.env), await pythonChecks(python.bin)];
}

async function named(names: readonly string[]): Promise<SuiteResult[]> {
  const isPython = (name: string) => /^(?:\.\/)?test\/drivers(?:\/|$)/.test(name);
  const forPython = names.filter(isPython);
  const forVitest = names.filter((name) => !isPython(name));
  const results: SuiteResult[] = [];
  if (forVitest.length > 0) results.push(await runVitest(forVitest));
  if (forPython.length === 0) return results;
  const python = await testPython();
  if (python instanceof Error) return [...results, suiteTrouble('python', python.message)];
  return [...results, await runPytest(python.python, forPython, python.env)];
}

async function testPython(): Promise<TestPython | Error> {
  try {
    return await readyTestPython();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
