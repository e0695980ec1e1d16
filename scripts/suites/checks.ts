import { join } from 'node:path';
import { command, ROOT, say } from './command.ts';
import type { Suite, SuiteResult } from './suite.ts';

interface Check {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
}

const tsc = (project: string): Check => ({
  name: `tsc -p ${project}`,
  file: process.execPath,
  args: [join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '-p', project],
});
const tool = (name: string, ...args: string[]): Check => ({ name, file: join('node_modules', '.bin', name), args });

/** The longest first, so that two at a time end together. */
const STATIC_CHECKS: readonly Check[] = [
  tsc('test'),
  tsc('.'),
  tool('knip'),
  tool('biome', 'check', '--error-on-warnings'),
  tool('publint', '--strict'),
  tsc('parsers'),
  tsc('reports'),
];

/** Types, lint, format, what nobody uses, and whether the package is fit to publish: each check is one passed or one failed. */
export const staticChecks: Suite = { name: 'checks', run: () => runChecks('checks', STATIC_CHECKS) };

/** The same for the Python drivers, by the tools of an environment's `bin`. */
export function pythonChecks(bin: string): Promise<SuiteResult> {
  const drivers = ['src/drivers', 'test/drivers'];
  return runChecks('python checks', [
    { name: 'ruff check', file: join(bin, 'ruff'), args: ['check', '--no-cache', ...drivers] },
    { name: 'ruff format', file: join(bin, 'ruff'), args: ['format', '--no-cache', '--check', ...drivers] },
    { name: 'mypy', file: join(bin, 'mypy'), args: ['src/drivers'] },
  ]);
}

async function runChecks(name: string, checks: readonly Check[]): Promise<SuiteResult> {
  const waiting = [...checks];
  const failed: string[] = [];
  const worker = async () => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const { exitCode, output, seconds } = await command(check.file, check.args, { env: ENVIRONMENT });
      const took = `${check.name} (${seconds.toFixed(1)} s)`;
      say(exitCode === 0 ? `ok      ${took}` : `FAILED  ${took}\n${output}`);
      if (exitCode !== 0) failed.push(check.name);
    }
  };
  await Promise.all([worker(), worker()]);
  return { name, passed: checks.length - failed.length, failed: failed.length, skipped: [], trouble: null };
}

/** Tools call each other by name, and one of them keeps a cache in the home directory. */
const ENVIRONMENT = {
  PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH'] ?? ''}`,
  XDG_CACHE_HOME: join(ROOT, '.orchestrate', 'cache'),
};
