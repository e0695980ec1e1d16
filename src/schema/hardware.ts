import { z } from 'zod';

const Figure = z.strictObject({
  value: z.number().positive(),
  /** Where the number was published. */
  source: z.string().min(1),
  /** When it was read there. */
  date: z.iso.date(),
});

/** One kind of accelerator, per device as vLLM counts them (half a chip on Ironwood); dense figures, no sparsity. */
export const AcceleratorSpec = z.strictObject({
  id: z.string().min(1),
  label: z.string().min(1),
  /** Regular expressions, without case, of the names by which drivers report it. */
  names: z.array(z.string().min(1)).min(1),
  /** Devices in one chip that is bought and billed: 2 for Ironwood. */
  devices_per_chip: z.int().min(1),
  memory_bytes: Figure,
  memory_bandwidth_bytes_per_s: Figure,
  /** Dense peak FLOP/s by number format of the activations; a format without compute units of its own is absent. */
  flops: z.partialRecord(z.enum(['bf16', 'fp8', 'fp4', 'int8']), Figure),
});
export type AcceleratorSpec = z.output<typeof AcceleratorSpec>;
