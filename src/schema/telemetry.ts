import { z } from 'zod';

/**
 * What the sampler beside a launch (src/drivers/sampler.py) writes into telemetry.jsonl of its attempt: a first line
 * that says where its figures come from, then a line a second. A field that this host or driver does not have is null.
 */
const number = z.number().nullable();

export const GpuSample = z.object({
  index: z.string(),
  sm_clock_mhz: number,
  memory_clock_mhz: number,
  power_w: number,
  temperature_c: number,
  memory_temperature_c: number,
  memory_used_bytes: number,
  /** Share of the time in which a kernel ran. */
  utilization: number,
  /** Names of the reasons that are active now, such as `sw_power_cap`, `hw_thermal_slowdown`; null: not told. */
  throttle_reasons: z.array(z.string()).nullable(),
  ecc_uncorrected: number,
  ecc_corrected: number,
});
export type GpuSample = z.output<typeof GpuSample>;

export const TelemetryLine = z.discriminatedUnion('line', [
  z.object({
    line: z.literal('begin'),
    unix_s: z.number(),
    interval_s: z.number(),
    /** What is asked: `nvidia-smi`, `/proc`, `/dev/kmsg`, ...; and why something that one would expect is not. */
    sources: z.array(z.string()),
    absent: z.record(z.string(), z.string()),
    /** Numbers or UUIDs of the GPUs that nvidia-smi is asked for; absent in files of older versions. */
    gpus: z.array(z.string()).optional(),
  }),
  z.object({
    line: z.literal('sample'),
    unix_s: z.number(),
    /** Share of all cores of the host that was busy since the line before, and the part that this launch used. */
    cpu_load: number,
    cpu_load_own: number,
    /** Mean over the cores; of many, over some that are asked in turn. */
    cpu_mhz: number,
    host_memory_available_bytes: number,
    gpus: z.array(GpuSample),
    /** XID errors that the kernel has told of since the line before. */
    xids: z.array(z.object({ device: z.string(), xid: z.int() })).nullable(),
  }),
]);
export type TelemetryLine = z.output<typeof TelemetryLine>;

/** What was seen of the hardware during the measured seconds of one sample. */
export const Telemetry = z.strictObject({
  /** Lines that lie in the measured time. */
  samples: z.int().min(0),
  cpu_load: number,
  /** Busy with something else than this launch. */
  cpu_load_foreign: number,
  cpu_mhz: number,
  /** Of all devices of the launch together, mean over time. */
  power_w: number,
  /** Power x time, by the trapezoidal rule. */
  energy_j: number,
  energy_per_output_token_j: number,
  sm_clock_mhz: z.strictObject({ mean: z.number(), min: z.number() }).nullable(),
  temperature_c_max: number,
  /** Of the fullest device. */
  memory_used_bytes_max: number,
  /** Reason -> share of the measured time in which at least one device was held back by it; null: not told. */
  throttled: z.record(z.string(), z.number()).nullable(),
  /** Errors that came up between the launch's first line and the end of the measurement. */
  ecc_uncorrected: number,
  xids: z.array(z.int()).nullable(),
});
export type Telemetry = z.output<typeof Telemetry>;
