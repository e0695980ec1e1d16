import type { ReportRow } from './report-row.ts';

type Lengths = Pick<ReportRow, 'input_len' | 'output_len' | 'prefix_len' | 'prefix_mode'>;

/** `1024/128`, `8192/2048/7900` with a shared prefix, `8192/2048/+7900` where the prefix comes on top of the input. */
export function lengthsLabel(lengths: Lengths): string {
  const plain = `${lengths.input_len ?? '–'}/${lengths.output_len ?? '–'}`;
  if (lengths.prefix_len === 0) return plain;
  return `${plain}/${lengths.prefix_mode === 'additive' ? '+' : ''}${lengths.prefix_len}`;
}

/** By the numbers, so that 128/32 comes before 1024/128. */
export function byLengths(a: Lengths, b: Lengths): number {
  return (
    (a.input_len ?? 0) - (b.input_len ?? 0) ||
    (a.output_len ?? 0) - (b.output_len ?? 0) ||
    a.prefix_len - b.prefix_len ||
    Number(a.prefix_mode === 'additive') - Number(b.prefix_mode === 'additive')
  );
}
