import { styleText } from 'node:util';
import type { DoctorCheck } from '../../environment/doctor.ts';

const SIGNS = {
  ok: { sign: 'ok', style: 'green' },
  warn: { sign: 'warn', style: 'yellow' },
  fail: { sign: 'FAIL', style: 'red' },
  absent: { sign: '-', style: 'dim' },
} as const;

/** The checks as text: a line each, and under it the command that mends it. */
export function renderDoctor(checks: readonly DoctorCheck[], { color }: { readonly color: boolean }): string {
  const width = Math.max(...checks.map(({ title }) => title.length));
  const lines = checks.flatMap((check) => {
    const { sign, style } = SIGNS[check.status];
    const mark = sign.padEnd(4);
    // The caller has decided about colour: styleText must not look at a stream of its own.
    const marked = color ? styleText(style, mark, { validateStream: false }) : mark;
    const remedy = check.remedy === null ? [] : [`${' '.repeat(width + 8)}-> ${check.remedy}`];
    return [`${marked}  ${check.title.padEnd(width)}  ${check.detail}`, ...remedy];
  });
  return `${[...lines, '', verdict(checks)].join('\n')}\n`;
}

function verdict(checks: readonly DoctorCheck[]): string {
  const failed = checks.filter(({ status }) => status === 'fail').length;
  const warned = checks.filter(({ status }) => status === 'warn').length;
  if (failed > 0) return `${failed} of ${checks.length} checks failed: a run would not start.`;
  return warned > 0 ? `Ready, with ${warned} ${warned === 1 ? 'warning' : 'warnings'}.` : 'Ready.';
}
