import { closest } from 'fastest-levenshtein';
import type { DriverChoice } from '../schema/engine.ts';
import type { Context } from './resolve.ts';

/** The mode of a run; a problem when there is none, or none of that name. */
export function modeOf(mode: string | undefined, { known, path, source, problems, isLeftOut }: Context): string {
  if (mode === undefined) {
    if (isLeftOut('mode')) return '';
    problems.push({
      ...source.place([...path, 'name'], 'key'),
      message: 'mode is missing',
      hint: `write: mode: ${known.modes.join(' or ')}`,
    });
    return '';
  }
  if (!known.modes.includes(mode)) {
    problems.push({
      ...source.place([...path, 'mode']),
      message: `there is no mode ${JSON.stringify(mode)}`,
      hint: `did you mean ${closest(mode, [...known.modes])}? There are: ${known.modes.join(', ')}`,
    });
  }
  return mode;
}

/** The driver of a run: one of ours, or the path of a script. */
export function driverOf(driver: string | undefined, { path, source, problems }: Context): DriverChoice {
  if (driver === undefined || driver === 'resident') return { kind: 'resident' };
  if (driver === 'stock') return { kind: 'stock' };
  if (!/[/.]/.test(driver)) {
    const hint = `did you mean ${closest(driver, ['resident', 'stock'])}? There are resident, stock, or a path such as ./benchmark_throughput.py`;
    problems.push({
      ...source.place([...path, 'driver']),
      message: `there is no driver ${JSON.stringify(driver)}`,
      hint,
    });
  }
  return { kind: 'script', path: driver };
}
