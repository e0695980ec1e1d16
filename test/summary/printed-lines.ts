import { linesOf } from '../../parsers/evidence.ts';
import { parseThroughput, type ThroughputRun } from '../../parsers/vllm-throughput.ts';
import type { MeasurementFile } from '../../src/schema/driver-protocol.ts';
import { requestMetrics } from '../../src/summary/request-metrics.ts';

/** What the resident driver prints about a measurement (src/drivers/result_lines.py), read back. */
export function printedOf(file: MeasurementFile, edit: (text: string) => string = (text) => text): ThroughputRun {
  return parseThroughput({ stdout: linesOf(edit(linesFor(file))), stderr: linesOf('') });
}

function linesFor({ requests, elapsed_s }: MeasurementFile): string {
  const prompt = requests.prompt_tokens.reduce((sum, count) => sum + count, 0);
  const output = requests.output_tokens.reduce((sum, count) => sum + count, 0);
  const per = (count: number): string => (count / elapsed_s).toFixed(2);
  const { latency } = requestMetrics(requests);
  const shown = (value: number | undefined, decimals: number): string => value?.toFixed(decimals) ?? 'n/a (not there)';
  return `Throughput: ${per(requests.prompt_tokens.length)} requests/s, ${per(prompt + output)} total tokens/s, ${per(output)} output tokens/s
Total num prompt tokens:  ${prompt}
Total num output tokens:  ${output}
Average TTFT (s): ${shown(latency.ttft_s?.mean, 6)}
P99 TTFT (s): ${shown(latency.ttft_s?.p99, 6)}
Average TPOT (tokens/s): ${shown(latency.tpot_tokens_per_s?.mean, 4)}
P99 TPOT (tokens/s): ${shown(latency.tpot_tokens_per_s?.p99, 4)}
`;
}
