import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { command } from './command.ts';
import { type SuiteResult, suiteTrouble } from './suite.ts';

/** Every test of the Python drivers, or those that `args` name. */
export async function runPytest(
  python: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<SuiteResult> {
  const directory = await mkdtemp(join(tmpdir(), 'orchestrate-pytest-'));
  try {
    const file = join(directory, 'report.xml');
    const options = ['-m', 'pytest', '-p', 'no:cacheprovider', '-q', `--junitxml=${file}`];
    const { exitCode } = await command(python, [...options, ...args], { show: true, env });
    const xml = await readFile(file, 'utf8').catch(() => null);
    if (xml === null) return suiteTrouble('pytest', `pytest ended with ${exitCode} and left no report`);
    return readJunit(xml, exitCode);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** pytest's JUnit report: `<testcase ... />`, or with a `<failure>`, an `<error>` or a `<skipped message="...">` inside. */
export function readJunit(xml: string, exitCode: number | null): SuiteResult {
  const cases = [...xml.matchAll(/<testcase\b(?<head>[^>]*?)(?:\/>|>(?<body>.*?)<\/testcase>)/gs)].map((match) => ({
    name: /\bname="(?<name>[^"]*)"/.exec(match.groups?.['head'] ?? '')?.groups?.['name'] ?? '?',
    body: match.groups?.['body'] ?? '',
  }));
  const failed = cases.filter(({ body }) => /<(?:failure|error)\b/.test(body)).length;
  const skipped = cases.filter(({ body }) => /<skipped\b/.test(body)).map(({ name, body }) => describeSkip(name, body));
  // 0: all passed, 1: some failed, 5: there was no test, others: it did not run.
  const trouble = exitCode === 0 || (exitCode === 1 && failed > 0) ? null : `pytest ended with ${exitCode}`;
  return { name: 'pytest', passed: cases.length - failed - skipped.length, failed, skipped, trouble };
}

function describeSkip(name: string, body: string): string {
  const message = /<skipped\b[^>]*\bmessage="(?<message>[^"]*)"/.exec(body)?.groups?.['message'];
  return plainText(message === undefined ? name : `${name}: ${message}`);
}

function plainText(xml: string): string {
  return xml
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
