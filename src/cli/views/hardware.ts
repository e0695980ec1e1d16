import { MACHINES } from '../../physics/machines.ts';
import type { DeviceFacts } from '../../schema/facts.ts';
import type { AcceleratorSpec } from '../../schema/hardware.ts';
import { columns } from './columns.ts';
import { counted } from './words.ts';

/** The table of accelerators as text, with the source of each figure under it, and what this host has. */
export function renderHardware(table: readonly AcceleratorSpec[], devices: DeviceFacts): string {
  return [
    columns([HEADING, UNITS, ...table.map(rowOf)]),
    'A device is what tensor_parallel_size counts; FLOP/s are dense peaks, without sparsity. An empty cell is not known,\n' +
      'or a format without arithmetic units of its own.\n',
    `This host: ${hostLine(devices)}\n`,
    `For plan --hardware:\n${machineLines().join('')}`,
    `Sources:\n${table.map(sourceLines).join('')}`,
  ].join('\n');
}

const HEADING = ['', 'memory', 'bandwidth', 'BF16', 'FP8', 'FP4', 'INT8', 'devices'];
const UNITS = ['', 'GiB', 'GB/s', 'TFLOP/s', 'TFLOP/s', 'TFLOP/s', 'TOP/s', 'a chip'];

function rowOf({ label, memory_bytes, memory_bandwidth_bytes_per_s, flops, devices_per_chip }: AcceleratorSpec) {
  const tera = (format: keyof typeof flops) => {
    const figure = flops[format];
    return figure === undefined ? '' : grouped(figure.value / 1e12);
  };
  return [
    label,
    grouped(memory_bytes.value / 2 ** 30),
    grouped(memory_bandwidth_bytes_per_s.value / 1e9),
    ...[tera('bf16'), tera('fp8'), tera('fp4'), tera('int8')],
    String(devices_per_chip),
  ];
}

/** `4,500`, `1,153.5`, `74.5`. */
function grouped(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 1 });
}

function hostLine({ kind, name, count, accelerator }: DeviceFacts): string {
  const what = kind === 'cpu' ? `${name}, ${counted(count, 'core')}` : `${count} x ${name}`;
  return accelerator === null
    ? `${what}\n  not in the table, so no bound can be computed; docs/hardware.md says how to add it`
    : `${what}: ${accelerator.label}`;
}

function machineLines(): string[] {
  const width = Math.max(...Object.keys(MACHINES).map((type) => type.length));
  return Object.entries(MACHINES).map(([type, { count, name }]) => `  ${type.padEnd(width)}  ${count} x ${name}\n`);
}

/** One line for each place that figures of an accelerator come from. */
function sourceLines({ label, memory_bytes, memory_bandwidth_bytes_per_s, flops }: AcceleratorSpec): string {
  const figures = [
    ['memory', memory_bytes],
    ['bandwidth', memory_bandwidth_bytes_per_s],
    ...Object.entries(flops).map(([format, figure]) => [format.toUpperCase(), figure] as const),
  ] as const;
  const places = new Map<string, string[]>();
  for (const [what, { source, date }] of figures) {
    const place = `${source} (${date})`;
    places.set(place, [...(places.get(place) ?? []), what]);
  }
  return `  ${label}\n${[...places].map(([place, what]) => `    ${what.join(', ')}: ${place}\n`).join('')}`;
}
