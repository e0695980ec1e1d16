import type { Check } from '../../src/summary/check.ts';

/** docs/attestation.md: the table of checks as the code runs it. */
export function attestationPage(checks: readonly Check[]): string {
  const rows = checks.map(({ id, compares, tolerance, stands_for }) =>
    ['', `\`${id}\``, compares, tolerance, stands_for, ''].map(cell).join(' | ').trim(),
  );
  return `${[HEAD, '| check | compares | tolerance | stands for |\n|---|---|---|---|', ...rows].join('\n')}\n${FOOT}`;
}

/** A bar would end the cell. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|');
}

const HEAD = `# What a number has to pass

<!-- Written by \`npm run pages\` from src/summary/checks/. Change a check there, not this page. -->

Every measurement is held against what was asked of it. One that fails a check is \`invalid\`: it is shown with the
reason, never averaged with others, and never a pass, whatever its exit code. What a driver or a vLLM does not tell is
held against nobody: a check without its figures says nothing. vLLM's own benchmark tells no single requests, so of
those checks only sums remain there; the settings of its engine are read from the line that vLLM logs when it makes
one.
`;

const FOOT = `
A file that cannot be read, or that holds \`nan\`, an infinite or a negative count, is no measurement: its job has
\`failed\`, with the file and the reason (\`unreadable-result\`, \`no-result\`). What an engine logs after its
warm-up, such as a compilation that falls into a measurement, is not read: no line of a TPU's log was at hand to read
it from.

## What the weights became

Beside the verdict a record says what ran (\`ran\`): a label such as \`BF16\`, \`FP8 W8A8\` or \`MXFP4 W4A16\`, the
weights' GiB, and the kernels that the log names. It is told by what the workers hold and by what vLLM logs, never by
a flag. W4 and W8 are the bits of the weights, A4, A8 and A16 those of what they are multiplied with: FP4 that Marlin
or a TPU multiplies in 16 bits is \`W4A16\` and no FP4 compute. Without activations in the label, nothing told which
they were.

The workers are asked through vLLM's \`--worker-extension-cls\`: each counts its parameters and the buffers of its
checkpoint by dtype, the quantization method of each linear layer and block of experts, and the bytes of its KV cache.
On a CPU vLLM keeps unquantized weights in oneDNN's layout, out of torch's sight; they are counted by their shape.
Workers are not asked on a TPU, below Ray, on several hosts, or when the run sets that flag itself: then the log alone
tells. Of the weights it may have a line for each worker, which are added, or one for the first, which stands for each
of a tensor-parallel group; any other number of lines is not used.
`;
