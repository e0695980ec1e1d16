import type { AcceleratorSpec } from '../schema/hardware.ts';

/** When the pages were read. */
const READ = '2026-11-22';

/** A figure and where it stands. */
function figure(value: number, source: string) {
  return { value, source, date: READ };
}

/** Peak TFLOP/s without sparsity, of one page. */
function dense(source: string, tera: { readonly bf16: number; readonly fp8?: number; fp4?: number; int8?: number }) {
  return Object.fromEntries(Object.entries(tera).map(([format, value]) => [format, figure(value * TERA, source)]));
}

const MIB = 2 ** 20;
// What pages call GB of a GPU's memory is GiB: nvidia-smi has 143771 MiB for the 141 GB of an H200.
const GIB = 2 ** 30;
const GB_PER_S = 1e9;
const TERA = 1e12;

// Where two pages differ, the larger figure is taken: a limit that is too high never calls a true number impossible.
const B200_PAGE = 'https://glennklockwood.com/garden/processors/B200';
const H100_PAGE = 'https://glennklockwood.com/garden/processors/h100';
const HBM_PAGE = 'https://github.com/stas00/ml-engineering/blob/master/compute/accelerator/README.md';
const A100_PAGE = 'https://glennklockwood.com/garden/processors/A100';
const A100_FORMS = 'https://www.thundercompute.com/blog/nvidia-a100-specs-full-guide';
const GB300_PAGE = 'https://verda.com/blog/gb300-nvl72-architecture';
const L4_PAGE = 'https://hmc-tech.com/gpu/nvidia-l4-vs-nvidia-grid-m40';
const L4_MEMORY = 'https://grokipedia.com/page/NVIDIA_L4_vs_L40S';
const TPU7X_PAGE = 'https://docs.cloud.google.com/tpu/docs/tpu7x';
const V6E_PAGE = 'https://docs.cloud.google.com/tpu/docs/v6e';
const SMI_B200 = 'https://github.com/NVIDIA/TensorRT-LLM/issues/10278 (nvidia-smi)';
const SMI_OTHERS = 'https://github.com/modal-labs/modal-client/pull/2797 (nvidia-smi)';
const MLPERF_GB200 = 'MLPerf Inference v6.1, system description of a GB200 (nvidia-smi)';

/**
 * What is known of accelerators, per device as vLLM counts them. FLOP/s are dense: many pages give the figures with
 * 2:4 sparsity, which are twice as high (9 PFLOP/s in FP8 of a B200; dense are 4.5), for weights of which every second
 * one is 0.
 */
export const ACCELERATORS: readonly AcceleratorSpec[] = [
  {
    id: 'b200',
    label: 'NVIDIA B200',
    names: ['^NVIDIA B200$'],
    devices_per_chip: 1,
    memory_bytes: figure(183_359 * MIB, SMI_B200),
    memory_bandwidth_bytes_per_s: figure(8000 * GB_PER_S, B200_PAGE),
    flops: dense(B200_PAGE, { bf16: 2250, fp8: 4500, fp4: 9000, int8: 4500 }),
  },
  {
    id: 'gb200',
    label: 'NVIDIA GB200',
    names: ['^NVIDIA GB200$'],
    devices_per_chip: 1,
    memory_bytes: figure(189_471 * MIB, MLPERF_GB200),
    memory_bandwidth_bytes_per_s: figure(8000 * GB_PER_S, B200_PAGE),
    // Of the variant with 1200 W.
    flops: dense(B200_PAGE, { bf16: 2500, fp8: 5000, fp4: 10_000, int8: 5000 }),
  },
  {
    id: 'b300',
    label: 'NVIDIA B300',
    names: ['^NVIDIA B300\\b'],
    devices_per_chip: 1,
    memory_bytes: figure(270 * GIB, GB300_PAGE),
    memory_bandwidth_bytes_per_s: figure(8000 * GB_PER_S, 'https://glennklockwood.com/garden/processors/B300'),
    flops: dense(GB300_PAGE, { bf16: 2250, fp8: 4500, fp4: 14_000, int8: 150 }),
  },
  {
    id: 'gb300',
    label: 'NVIDIA GB300',
    names: ['^NVIDIA GB300$'],
    devices_per_chip: 1,
    memory_bytes: figure(279 * GIB, GB300_PAGE),
    memory_bandwidth_bytes_per_s: figure(8000 * GB_PER_S, GB300_PAGE),
    flops: dense(GB300_PAGE, { bf16: 2500, fp8: 5000, fp4: 15_000, int8: 165 }),
  },
  {
    id: 'h200',
    label: 'NVIDIA H200',
    names: ['^NVIDIA H200$'],
    devices_per_chip: 1,
    memory_bytes: figure(141 * GIB, HBM_PAGE),
    memory_bandwidth_bytes_per_s: figure(4800 * GB_PER_S, HBM_PAGE),
    // The arithmetic of an H100.
    flops: dense(H100_PAGE, { bf16: 989.4, fp8: 1978.9, int8: 1978.9 }),
  },
  {
    id: 'h100-sxm',
    label: 'NVIDIA H100 SXM',
    names: ['^NVIDIA H100 80GB HBM3$'],
    devices_per_chip: 1,
    memory_bytes: figure(81_559 * MIB, SMI_OTHERS),
    memory_bandwidth_bytes_per_s: figure(3350 * GB_PER_S, HBM_PAGE),
    flops: dense(H100_PAGE, { bf16: 989.4, fp8: 1978.9, int8: 1978.9 }),
  },
  {
    id: 'a100-80gb',
    label: 'NVIDIA A100 80GB',
    names: ['^NVIDIA A100-SXM4-80GB$'],
    devices_per_chip: 1,
    memory_bytes: figure(81_920 * MIB, SMI_OTHERS),
    memory_bandwidth_bytes_per_s: figure(2039 * GB_PER_S, A100_FORMS),
    flops: dense(A100_PAGE, { bf16: 312, int8: 624 }),
  },
  {
    id: 'a100-80gb-pcie',
    label: 'NVIDIA A100 80GB PCIe',
    names: ['^NVIDIA A100 80GB PCIe$'],
    devices_per_chip: 1,
    memory_bytes: figure(81_920 * MIB, SMI_OTHERS),
    memory_bandwidth_bytes_per_s: figure(1935 * GB_PER_S, A100_FORMS),
    flops: dense(A100_PAGE, { bf16: 312, int8: 624 }),
  },
  {
    id: 'a100-40gb',
    label: 'NVIDIA A100 40GB',
    names: ['^(?:NVIDIA )?A100-(?:SXM4|PCIE)-40GB$'],
    devices_per_chip: 1,
    memory_bytes: figure(40_960 * MIB, SMI_OTHERS),
    memory_bandwidth_bytes_per_s: figure(1555 * GB_PER_S, A100_PAGE),
    flops: dense(A100_PAGE, { bf16: 312, int8: 624 }),
  },
  {
    id: 'l4',
    label: 'NVIDIA L4',
    names: ['^NVIDIA L4$'],
    devices_per_chip: 1,
    memory_bytes: figure(23_034 * MIB, SMI_OTHERS),
    memory_bandwidth_bytes_per_s: figure(300 * GB_PER_S, L4_MEMORY),
    flops: dense(L4_PAGE, { bf16: 125.34, fp8: 250.68, int8: 250.68 }),
  },
  {
    // Half a chip: 192 GiB, 7380 GB/s, 2307 TFLOP/s in BF16 and 4614 in FP8 are of the chip. FP4 is stored, not computed.
    id: 'tpu7x',
    label: 'Ironwood TPU7x',
    names: ['^(?:TPU[ -]?)?v?7x(?:$|-)', '^TPU v?7$', '^Ironwood\\b'],
    devices_per_chip: 2,
    memory_bytes: figure((192 * GIB) / 2, TPU7X_PAGE),
    memory_bandwidth_bytes_per_s: figure((7380 * GB_PER_S) / 2, TPU7X_PAGE),
    flops: dense(TPU7X_PAGE, { bf16: 2307 / 2, fp8: 4614 / 2 }),
  },
  {
    id: 'tpu-v6e',
    label: 'Trillium TPU v6e',
    names: ['^(?:TPU[ -]?)?v6e(?:$|-)', '^TPU v6 lite$', '^Trillium\\b'],
    devices_per_chip: 1,
    memory_bytes: figure(32 * GIB, TPU7X_PAGE),
    memory_bandwidth_bytes_per_s: figure(1638 * GB_PER_S, TPU7X_PAGE),
    flops: {
      bf16: figure(918 * TERA, TPU7X_PAGE),
      fp8: figure(918 * TERA, TPU7X_PAGE),
      int8: figure(1836 * TERA, V6E_PAGE),
    },
  },
];

/**
 * What is known of a device by the name that its driver reports; the user's own entries come first. Null when none of
 * them is meant, and for a part of a GPU (MIG), which has a part of its figures.
 */
export function acceleratorNamed(name: string, own: readonly AcceleratorSpec[] = []): AcceleratorSpec | null {
  return [...own, ...ACCELERATORS].find(({ names }) => names.some((pattern) => matches(pattern, name))) ?? null;
}

function matches(pattern: string, name: string): boolean {
  try {
    return new RegExp(pattern, 'i').test(name);
  } catch {
    // A user's entry, which config/ has complained about.
    return false;
  }
}
