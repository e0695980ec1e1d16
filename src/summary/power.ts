import type { Sample } from '../schema/record.ts';
import type { GpuSample, TelemetryLine } from '../schema/telemetry.ts';

/** The measured seconds of a sample, on the clock of the host. */
export interface Window {
  readonly from_unix_s: number;
  readonly to_unix_s: number;
}

export type SampleLine = Extract<TelemetryLine, { line: 'sample' }>;

/** Over a longer silence of the sampler nothing is known of the power between two lines. */
export const LONGEST_GAP_S = 10;

/**
 * Joules that all devices took together in the window: the integral of their power by the trapezoidal rule. Between two
 * lines power is on the line through both, also at the beginning of the window. After the last line that lies in it the
 * power stays what it was: a later line is not always there when a record is written, and a record has to come out the
 * same when it is made again. Null when the power of one device is unknown, for more than 10 s, or fewer than two lines
 * lie in the window.
 *
 * `samples` in the order of time; those outside the window are passed over, but for the last one before it. `asked`:
 * the GPUs of the launch, by number or UUID; rows have numbers, so only their count can be compared.
 */
export function energyOf(
  samples: readonly SampleLine[],
  { from_unix_s, to_unix_s }: Window,
  asked: readonly string[] = [],
): number | null {
  const devices = Math.max(devicesSeen(samples), new Set(asked).size);
  const told = samples.flatMap(({ unix_s, gpus }) => {
    const watts = powerOf(gpus, devices);
    return watts === null || unix_s > to_unix_s ? [] : [{ at: unix_s, watts }];
  });
  const inside = told.filter(({ at }) => at >= from_unix_s);
  const [first] = inside;
  const last = inside.at(-1);
  if (inside.length < 2 || first === undefined || last === undefined) return null;
  const before = told.findLast(({ at }) => at < from_unix_s && first.at - at <= LONGEST_GAP_S);
  const points = [
    { at: from_unix_s, watts: before === undefined ? first.watts : between(before, first, from_unix_s) },
    ...inside,
    { at: to_unix_s, watts: last.watts },
  ];
  return integral(points);
}

interface Point {
  readonly at: number;
  readonly watts: number;
}

/** Null where two points are too far from each other. */
function integral(points: readonly Point[]): number | null {
  let joules = 0;
  for (const [index, { at, watts }] of points.slice(1).entries()) {
    const before = points[index] ?? { at, watts };
    if (at - before.at > LONGEST_GAP_S) return null;
    joules += ((before.watts + watts) / 2) * (at - before.at);
  }
  return joules;
}

function between(one: Point, other: Point, at: number): number {
  return one.watts + ((other.watts - one.watts) * (at - one.at)) / (other.at - one.at);
}

/** Devices that the lines tell of. */
export function devicesSeen(samples: readonly SampleLine[]): number {
  return new Set(samples.flatMap(({ gpus }) => gpus.map(({ index }) => index))).size;
}

/** Null when one device is not among them, or does not tell: a sum of the others would pass for the whole. */
function powerOf(gpus: readonly GpuSample[], devices: number): number | null {
  const watts = gpus.flatMap(({ power_w }) => power_w ?? []);
  return devices === 0 || watts.length < devices ? null : watts.reduce((sum, one) => sum + one, 0);
}

/** Metrics that are made from telemetry, where there is none. */
export const UNSAMPLED = {
  values: { power_w: null, energy_per_output_token_j: null },
  missing: missingTelemetry('the hardware was not sampled'),
} satisfies { values: Partial<Sample['values']>; missing: Sample['missing'] };

/** The lines of `missing` for a sample without telemetry. */
export function missingTelemetry(why: string): Record<string, string> {
  return { telemetry: why, ...missingPower(why) };
}

/** The lines of `missing` for a sample whose power is not known. */
export function missingPower(why: string): Record<string, string> {
  return { power_w: why, energy_per_output_token_j: why };
}
