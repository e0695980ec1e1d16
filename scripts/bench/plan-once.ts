import { readFileSync } from 'node:fs';
import { loadConfig } from '../../src/config/load.ts';
import { MODE_IDS } from '../../src/modes/index.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { jobsOf } from '../../src/schema/plan.ts';

/** Plans one run definition and says what that cost; its own process, so that memory is this plan's alone. */
const text = readFileSync(process.argv[2] ?? '', 'utf8');
const start = performance.now();
const loaded = loadConfig(text, { modes: MODE_IDS, maxJobs: 100_000 });
if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
const plan = buildPlan(loaded.config, { capabilities: null, checkpoints: [], devices: null }, { bindDevices: false });
const seconds = (performance.now() - start) / 1000;
const jobs = jobsOf(plan).length;
if (jobs !== 100_000) throw new Error(`${jobs} jobs`);
process.stdout.write(JSON.stringify({ seconds, mebibytes: process.resourceUsage().maxRSS / 1024 }));
