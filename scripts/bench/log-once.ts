import { parseDriverLog } from '../../parsers/driver-log.ts';
import { parseEngineLog } from '../../parsers/engine-log.ts';
import { parseThroughput } from '../../parsers/vllm-throughput.ts';
import { linesOfFile } from '../../src/journal/evidence-file.ts';

/** Parses one log with every parser that reads whole streams, and says what that cost. */
const lines = linesOfFile(process.argv[2] ?? '');
const start = performance.now();
const run = parseThroughput({ stdout: lines, stderr: [] });
if (run.request_rps.value !== 1) throw new Error('the result line was not found');
parseEngineLog({ stdout: lines, stderr: [] });
parseDriverLog(lines);
const seconds = (performance.now() - start) / 1000;
process.stdout.write(JSON.stringify({ seconds, mebibytes: process.resourceUsage().maxRSS / 1024 }));
