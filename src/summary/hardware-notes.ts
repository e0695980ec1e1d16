import type { Reason, Sample } from '../schema/record.ts';
import type { Telemetry } from '../schema/telemetry.ts';

const LARGE_THROTTLING = 0.01;
const LARGE_FOREIGN_LOAD = 0.2;
/** One line of telemetry says more of the time around a measurement than of itself. */
const LEAST_LINES = 2;

/** Reasons that hold a clock back, as nvidia-smi names them, in words; in the order in which they are told. */
const THROTTLED_BY: Readonly<Record<string, string>> = {
  hw_thermal_slowdown: 'heat',
  sw_thermal_slowdown: 'heat',
  hw_power_brake_slowdown: 'the brake of the power supply',
  hw_slowdown: 'heat or power',
  sw_power_cap: 'its power limit',
};

/**
 * What the hardware did while a valid point was measured: a note a kind, about the sample in which it was worst.
 * `deviceType` is the engine's own word; the load of the host is told where the engine computes on the CPU.
 */
export function hardwareNotes(valid: readonly Sample[], deviceType: string | null): Reason[] {
  const seen = valid.flatMap((sample) => (sample.telemetry === null ? [] : [{ sample, telemetry: sample.telemetry }]));
  return [
    ...note('foreign-programs', foreignPrograms(valid)),
    ...note('throttled', throttled(seen)),
    ...note('device-errors', deviceErrors(seen)),
    ...(deviceType === 'cpu' ? note('busy-host', busyHost(seen)) : []),
  ];
}

interface Seen {
  readonly sample: Sample;
  readonly telemetry: Telemetry;
}

function note(code: string, message: string | null): Reason[] {
  return message === null ? [] : [{ code, message }];
}

/** Told before its engine was started: what they did meanwhile is not known. */
function foreignPrograms(valid: readonly Sample[]): string | null {
  const told = [...new Set(valid.flatMap(({ foreign }) => foreign ?? []))];
  return told.length === 0 ? null : told.join('; ');
}

function throttled(seen: readonly Seen[]): string | null {
  const reasons = Object.entries(THROTTLED_BY).flatMap(([reason, words]) => {
    const share = Math.max(0, ...seen.map(({ telemetry }) => telemetry.throttled?.[reason] ?? 0));
    return share > LARGE_THROTTLING ? [`${percent(share)} of the measured time by ${words} (${reason})`] : [];
  });
  return reasons.length === 0 ? null : `a device was held back for ${reasons.join(', and for ')}`;
}

function deviceErrors(seen: readonly Seen[]): string | null {
  const ecc = Math.max(0, ...seen.map(({ telemetry }) => telemetry.ecc_uncorrected ?? 0));
  const xids = [...new Set(seen.flatMap(({ telemetry }) => telemetry.xids ?? []))].toSorted((a, b) => a - b);
  const found = [
    ...(ecc > 0 ? [`${ecc} uncorrected memory error${ecc === 1 ? '' : 's'} (ECC)`] : []),
    ...(xids.length > 0 ? [`XID ${xids.join(', ')}`] : []),
  ];
  if (found.length === 0) return null;
  return `a device reported ${found.join(' and ')} since its engine was started; nvidia-smi -q and dmesg say more`;
}

function busyHost(seen: readonly Seen[]): string | null {
  const loads = seen.flatMap(({ sample, telemetry }) =>
    telemetry.samples < LEAST_LINES || telemetry.cpu_load_foreign === null
      ? []
      : [{ load: telemetry.cpu_load_foreign, beside: sample.beside.length > 0 }],
  );
  const [worst] = loads.toSorted((a, b) => b.load - a.load);
  if (worst === undefined || worst.load <= LARGE_FOREIGN_LOAD) return null;
  const others = worst.beside ? 'other launches and programs' : 'other programs';
  return `${others} kept ${percent(worst.load)} of the host's cores busy while it was measured`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
}
