import type { Lengths } from '../schema/run-config.ts';

/** The source document's Ironwood workloads, by the names that `workloads:` takes. */
export const WORKLOADS: Readonly<Record<string, Lengths>> = {
  reasoning: { input_len: 2048, output_len: 8192 },
  'text-generation': { input_len: 1024, output_len: 4096 },
  chatbot: { input_len: 1024, output_len: 1024 },
  'codegen-high-cache': { input_len: 8192, output_len: 2048, prefix_len: 7900 },
  'summarization-high-cache': { input_len: 2048, output_len: 256, prefix_len: 1800 },
  'summarization-4k-high-cache': { input_len: 4096, output_len: 256, prefix_len: 3600 },
};
