import type { GpuSample, TelemetryLine } from '../../src/schema/telemetry.ts';

type SampleLine = Extract<TelemetryLine, { line: 'sample' }>;

export const BEGIN: Extract<TelemetryLine, { line: 'begin' }> = {
  line: 'begin',
  unix_s: 1000,
  interval_s: 1,
  sources: ['/proc', 'nvidia-smi'],
  absent: {},
};

/** A GPU of which nothing is known but `changes`. */
export function gpu(changes: Partial<GpuSample> = {}): GpuSample {
  return {
    index: '0',
    sm_clock_mhz: null,
    memory_clock_mhz: null,
    power_w: null,
    temperature_c: null,
    memory_temperature_c: null,
    memory_used_bytes: null,
    utilization: null,
    throttle_reasons: null,
    ecc_uncorrected: null,
    ecc_corrected: null,
    ...changes,
  };
}

/** A sample at this second, of which nothing is known but `changes`. */
export function at(unix_s: number, changes: Partial<Omit<SampleLine, 'line' | 'unix_s'>> = {}): SampleLine {
  return {
    line: 'sample',
    unix_s,
    cpu_load: null,
    cpu_load_own: null,
    cpu_mhz: null,
    host_memory_available_bytes: null,
    gpus: [],
    xids: null,
    ...changes,
  };
}

/** Samples with one GPU of this power, or several: `[second, watts, watts, ...]`. */
export function powered(...lines: readonly (readonly [number, ...(number | null)[]])[]): SampleLine[] {
  return lines.map(([unix_s, ...watts]) =>
    at(unix_s, { gpus: watts.map((power_w, index) => gpu({ index: String(index), power_w })) }),
  );
}
