import type { Asked, Check, Measured } from '../check.ts';

/** vLLM's random prompts are text that is tokenized again, which moves their length by a few tokens. */
const TEXT_PROMPT_DRIFT = 0.02;

/** Whether as much was computed as was asked for. */
export const COUNT_CHECKS: readonly Check[] = [
  {
    id: 'request-count',
    compares: 'finished requests with num_prompts',
    tolerance: 'equal',
    stands_for: 'requests that were dropped still count in a throughput that divides what was asked by the time',
    wrong: ({ workload }, { requests }) =>
      requests === workload.num_prompts ? null : `${requests} requests instead of ${workload.num_prompts}`,
  },
  {
    id: 'finish-reason',
    compares: 'finish reason of each request with `length`',
    tolerance: 'every request',
    stands_for: 'an end-of-sequence token or an abort ends a request early, and the run looks faster',
    wrong: (_asked, { columns }) => {
      const other = columns?.finish_reason.filter((reason) => reason !== 'length') ?? [];
      return other.length === 0 ? null : `${other.length} requests did not end by length, the first by ${other[0]}`;
    },
  },
  {
    id: 'prompt-tokens',
    compares: 'prompt tokens with num_prompts x prompt_len',
    tolerance: 'resident driver: exact for each request; text prompts of vLLM: 2 %',
    stands_for: 'vLLM 0.14 and later ignores --input-len 128 and runs 1024 tokens',
    wrong: wrongPromptTokens,
  },
  {
    id: 'output-tokens',
    compares: 'output tokens with num_prompts x output_len',
    tolerance: 'exact, for each request where the driver tells',
    stands_for:
      'vLLM 0.14 and later ignores --output-len 32 and generates 128; a prompt near max_model_len is cut short',
    wrong: wrongOutputTokens,
  },
];

function wrongPromptTokens({ workload }: Asked, measured: Measured): string | null {
  if (measured.columns !== null) return oddRequests(measured.columns.prompt_tokens, workload.prompt_len, 'prompt');
  const asked = workload.num_prompts * workload.prompt_len;
  if (measured.prompt_tokens === null) return wrongTotal({ workload }, measured);
  if (near(measured.prompt_tokens, asked)) return null;
  const each = measured.prompt_tokens / Math.max(1, measured.requests);
  const drawn = measured.sampled?.input_len[0] ?? null;
  // The sampler's own figure when it explains the total: 1024 says more than 1024.8.
  const told = drawn !== null && near(each, drawn) ? drawn : Math.round(each);
  return `${told} instead of ${workload.prompt_len} prompt tokens a request (${measured.prompt_tokens} instead of ${asked} in all)${vllmSays(measured)}`;
}

/** Old scripts tell prompt and output tokens only in one sum. */
function wrongTotal({ workload }: Pick<Asked, 'workload'>, measured: Measured): string | null {
  const asked = workload.num_prompts * (workload.prompt_len + workload.output_len);
  if (measured.total_tokens === null || near(measured.total_tokens, asked)) return null;
  return `${measured.total_tokens} instead of ${asked} prompt and output tokens in all${vllmSays(measured)}`;
}

function wrongOutputTokens({ workload }: Asked, measured: Measured): string | null {
  if (measured.columns !== null) return oddRequests(measured.columns.output_tokens, workload.output_len, 'output');
  const asked = workload.num_prompts * workload.output_len;
  if (measured.output_tokens === null || measured.output_tokens === asked) return null;
  const each = Math.round((100 * measured.output_tokens) / Math.max(1, measured.requests)) / 100;
  return `${each} instead of ${workload.output_len} output tokens a request (${measured.output_tokens} instead of ${asked} in all)${vllmSays(measured)}`;
}

function oddRequests(tokens: readonly number[], asked: number, kind: string): string | null {
  const odd = tokens.filter((count) => count !== asked);
  if (odd.length === 0) return null;
  return `${odd[0]} instead of ${asked} ${kind} tokens in ${odd.length} of ${tokens.length} requests`;
}

function near(measured: number, asked: number): boolean {
  return Math.abs(measured - asked) <= TEXT_PROMPT_DRIFT * asked;
}

/** What vLLM itself says about the lengths: the explanation of a difference. */
function vllmSays({ sampled, ignored_flags }: Measured): string {
  const range = (lengths: readonly [number, number]): string => `[${lengths[0]}, ${lengths[1]}]`;
  const drawn =
    sampled === null
      ? ''
      : `; vLLM sampled input_len from ${range(sampled.input_len)} and output_len from ${range(sampled.output_len)}`;
  return ignored_flags.length === 0 ? drawn : `${drawn} and says that it ignores ${ignored_flags.join(', ')}`;
}
