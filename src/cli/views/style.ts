import { styleText } from 'node:util';
import type { TableStyle } from '../../../reports/table-layout.ts';
import type { Output, Shell } from '../shell.ts';

/** Colour on a terminal only, and never with NO_COLOR; FORCE_COLOR asks for it anywhere. */
export function styleFor(output: Output, env: Shell['env']): TableStyle {
  const coloured = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    wantsColour(output, env) ? styleText(format, text, { validateStream: false }) : text;
  return { heading: coloured('bold'), dim: coloured('dim'), bad: coloured('red') };
}

/** Whether this output gets colour. */
export function wantsColour(output: Output, env: Shell['env']): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return output.isTTY === true && env['TERM'] !== 'dumb';
}
