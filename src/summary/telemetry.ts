import type { Sample } from '../schema/record.ts';
import type { GpuSample, Telemetry, TelemetryLine } from '../schema/telemetry.ts';
import { devicesSeen, energyOf, missingPower, missingTelemetry, type SampleLine, type Window } from './power.ts';

/**
 * What was seen of the hardware in the measured seconds. `lines`: of the launch's telemetry.jsonl the first ones, those
 * of the window, the last one before it, and all with an XID. Each line stands for the time since the line before it;
 * lines after the window are not used (see `energyOf`). Null when no line lies in the window.
 */
export function telemetryOf(
  lines: readonly TelemetryLine[],
  window: Window,
  outputTokens: number | null,
): Telemetry | null {
  const samples = samplesOf(lines).filter(({ unix_s }) => unix_s <= window.to_unix_s);
  const inside = samples.filter(({ unix_s }) => unix_s >= window.from_unix_s);
  if (inside.length === 0) return null;
  const parts = partsOf(samples, window);
  const gpus = inside.flatMap((line) => line.gpus);
  const asked = askedOf(lines);
  const energy_j = energyOf(samples, window, asked);
  return {
    samples: inside.length,
    cpu_load: meanOf(parts, ({ cpu_load }) => cpu_load),
    cpu_load_foreign: meanOf(parts, ({ cpu_load, cpu_load_own }) =>
      cpu_load === null || cpu_load_own === null ? null : Math.max(0, cpu_load - cpu_load_own),
    ),
    cpu_mhz: meanOf(parts, ({ cpu_mhz }) => cpu_mhz),
    power_w: energy_j === null ? null : energy_j / (window.to_unix_s - window.from_unix_s),
    energy_j,
    energy_per_output_token_j: energy_j === null || !outputTokens ? null : energy_j / outputTokens,
    sm_clock_mhz: clocksOf(parts, gpus),
    temperature_c_max: largest(gpus, ({ temperature_c }) => temperature_c),
    memory_used_bytes_max: largest(gpus, ({ memory_used_bytes }) => memory_used_bytes),
    throttled: throttledOf(parts),
    ecc_uncorrected: newErrors(samples, asked),
    xids: inside.every(({ xids }) => xids === null)
      ? null
      : samples.flatMap(({ xids }) => (xids ?? []).map(({ xid }) => xid)),
  };
}

/** The sample with what telemetry tells of it, and why it does not. `lines`: null where there is no telemetry.jsonl. */
export function withTelemetry(sample: Sample, lines: readonly TelemetryLine[] | null, window: Window): Sample {
  const telemetry = lines === null ? null : telemetryOf(lines, window, sample.counts.output_tokens);
  const { telemetry: _, power_w: __, energy_per_output_token_j: ___, ...missing } = sample.missing;
  if (telemetry === null) {
    const why = lines === null ? 'there is no telemetry.jsonl beside it' : 'no sample of the hardware lies in its time';
    return { ...sample, telemetry, missing: { ...missing, ...missingTelemetry(why) } };
  }
  const { power_w, energy_per_output_token_j } = telemetry;
  return {
    ...sample,
    telemetry,
    values: { ...sample.values, power_w, energy_per_output_token_j },
    missing: { ...missing, ...whyNoPower(lines ?? [], telemetry) },
  };
}

function whyNoPower(lines: readonly TelemetryLine[], telemetry: Telemetry): Record<string, string> {
  if (telemetry.power_w !== null) {
    return telemetry.energy_per_output_token_j === null
      ? { energy_per_output_token_j: 'how many tokens were generated is not known' }
      : {};
  }
  const absent = lines.flatMap((line) => (line.line === 'begin' ? (line.absent['nvidia-smi'] ?? []) : []));
  if (absent[0] !== undefined) return missingPower(absent[0]);
  if (askedOf(lines).length === 0 && samplesOf(lines).every(({ gpus }) => gpus.length === 0))
    return missingPower('only NVIDIA GPUs are asked for their power');
  if (telemetry.samples < 2) return missingPower('fewer than 2 samples of the hardware lie in its time');
  return missingPower('nvidia-smi did not tell the power of every device all the time');
}

/** The GPUs that nvidia-smi was asked for; none where an older file does not tell. */
function askedOf(lines: readonly TelemetryLine[]): readonly string[] {
  return lines.find((line) => line.line === 'begin')?.gpus ?? [];
}

/** In the order of time, which a clock that was set back disturbs. */
function samplesOf(lines: readonly TelemetryLine[]): SampleLine[] {
  return lines.filter((line) => line.line === 'sample').toSorted((a, b) => a.unix_s - b.unix_s);
}

/** A line in the window, and how many seconds of the window it stands for. */
interface Part {
  readonly line: SampleLine;
  readonly seconds: number;
}

function partsOf(samples: readonly SampleLine[], { from_unix_s }: Window): Part[] {
  return samples.flatMap((line, index) => {
    const since = Math.max(samples[index - 1]?.unix_s ?? from_unix_s, from_unix_s);
    return line.unix_s < from_unix_s ? [] : [{ line, seconds: line.unix_s - since }];
  });
}

/** Mean over time; null when no line tells. */
function meanOf(parts: readonly Part[], read: (line: SampleLine) => number | null): number | null {
  const told = parts.flatMap(({ line, seconds }) => {
    const value = read(line);
    return value === null ? [] : [{ value, seconds }];
  });
  const time = told.reduce((sum, { seconds }) => sum + seconds, 0);
  // A single line at the very beginning stands for no time.
  if (time === 0) return told[0]?.value ?? null;
  return told.reduce((sum, { value, seconds }) => sum + value * seconds, 0) / time;
}

function clocksOf(parts: readonly Part[], gpus: readonly GpuSample[]): Telemetry['sm_clock_mhz'] {
  const mean = meanOf(parts, ({ gpus: ofLine }) => {
    const clocks = ofLine.flatMap(({ sm_clock_mhz }) => sm_clock_mhz ?? []);
    return clocks.length === 0 ? null : clocks.reduce((sum, one) => sum + one, 0) / clocks.length;
  });
  const clocks = gpus.flatMap(({ sm_clock_mhz }) => sm_clock_mhz ?? []);
  return mean === null ? null : { mean, min: clocks.reduce((least, one) => Math.min(least, one)) };
}

function largest(gpus: readonly GpuSample[], read: (gpu: GpuSample) => number | null): number | null {
  return gpus.flatMap((gpu) => read(gpu) ?? []).reduce<number | null>((most, one) => Math.max(most ?? one, one), null);
}

/** What NVML gives as reasons for a clock that is as it should be: nothing to do, or set so by somebody. */
const NO_THROTTLING = new Set(['gpu_idle', 'applications_clocks_setting', 'display_clock_setting']);

function throttledOf(parts: readonly Part[]): Telemetry['throttled'] {
  const reasonsOf = ({ gpus }: SampleLine): string[] | null => {
    const told = gpus.flatMap(({ throttle_reasons }) => (throttle_reasons === null ? [] : [throttle_reasons]));
    return told.length === 0 ? null : told.flat();
  };
  const found = parts.map(({ line }) => reasonsOf(line));
  if (found.every((reasons) => reasons === null)) return null;
  const names = new Set(found.flatMap((reasons) => reasons ?? []).filter((reason) => !NO_THROTTLING.has(reason)));
  const share = (name: string): number =>
    meanOf(parts, (line) => {
      const reasons = reasonsOf(line);
      return reasons === null ? null : Number(reasons.includes(name));
    }) ?? 0;
  return Object.fromEntries([...names].toSorted().map((name) => [name, share(name)]));
}

/**
 * Uncorrected ECC errors that came up since the first line, over all devices that count them; null when none does, and
 * when there are none while a device that was asked for has no row.
 */
function newErrors(samples: readonly SampleLine[], asked: readonly string[]): number | null {
  const counts = Map.groupBy(
    samples.flatMap(({ gpus }) => gpus.filter(({ ecc_uncorrected }) => ecc_uncorrected !== null)),
    ({ index }) => index,
  );
  if (counts.size === 0) return null;
  const errors = [...counts.values()].reduce((sum, told) => {
    // The counter begins anew when the driver is loaded again.
    return sum + Math.max(0, (told.at(-1)?.ecc_uncorrected ?? 0) - (told[0]?.ecc_uncorrected ?? 0));
  }, 0);
  return errors === 0 && devicesSeen(samples) < new Set(asked).size ? null : errors;
}
