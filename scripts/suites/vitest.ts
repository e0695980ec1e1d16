import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './command.ts';
import { type SuiteResult, suiteTrouble } from './suite.ts';

/** The part of vitest's JSON report that is counted. */
interface VitestReport {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

interface VitestOptions {
  /** Another configuration than vitest.config.ts. */
  readonly config?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Every TypeScript test, or those that `args` name. */
export async function runVitest(
  args: readonly string[],
  { config = 'vitest.config.ts', env = {} }: VitestOptions = {},
): Promise<SuiteResult> {
  const directory = await mkdtemp(join(tmpdir(), 'orchestrate-vitest-'));
  try {
    const file = join(directory, 'report.json');
    const reports = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const vitest = join('node_modules', 'vitest', 'vitest.mjs');
    const options = ['run', '--no-cache', '--config', config, ...reports];
    const { exitCode } = await command(process.execPath, [vitest, ...options, ...args], { show: true, env });
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) return suiteTrouble('vitest', `vitest ended with ${exitCode} and left no report`);
    return readVitestReport(JSON.parse(text), exitCode);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** A file that failed before its first test counts as one failure. */
export function readVitestReport(report: VitestReport, exitCode: number | null): SuiteResult {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const filesWithoutTests = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = tests.filter(({ status }) => status === 'failed').length + filesWithoutTests.length;
  return {
    name: 'vitest',
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed,
    skipped: tests.filter(({ status }) => !['passed', 'failed'].includes(status)).map(({ fullName }) => fullName),
    // An unhandled error, for example, fails no test and still is one.
    trouble: exitCode !== 0 && failed === 0 ? `vitest ended with ${exitCode} although no test failed` : null,
  };
}
