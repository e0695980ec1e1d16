import type { AcceleratorSpec } from '../schema/hardware.ts';
import { whyNoNamePattern } from './name-pattern.ts';
import type { Problem } from './problem.ts';
import type { Path, YamlSource } from './yaml-source.ts';

/** What a schema cannot see of the accelerators that a user adds. */
export function acceleratorProblems(accelerators: readonly AcceleratorSpec[], source: YamlSource): Problem[] {
  return accelerators.flatMap((accelerator, index) => {
    const { id, names } = accelerator;
    const path = ['accelerators', index];
    const first = accelerators.findIndex((other) => other.id === id);
    const twin = {
      ...source.place([...path, 'id']),
      message: `the id ${JSON.stringify(id)} is taken by the accelerator at line ${source.place(['accelerators', first, 'id']).line}`,
      hint: 'give every accelerator an id of its own',
    };
    const unusable = names.flatMap((name, at): Problem[] => {
      const why = whyNoNamePattern(name);
      return why === null
        ? []
        : [{ ...source.place([...path, 'names', at]), ...why, message: `names[${at}]: ${why.message}` }];
    });
    return [...(first < index ? [twin] : []), ...unusable, ...unitProblems(accelerator, path, source)];
  });
}

/**
 * Figures in GB or TFLOP/s: a bound that is a billion times too low would make every true number look impossible. No
 * device of the last twenty years is below these.
 */
const LEAST = { memory_bytes: 1e8, memory_bandwidth_bytes_per_s: 1e9, flops: 1e10 } as const;
const UNITS = {
  memory_bytes: { unit: 'bytes', write: 'e9', for: 'GB' },
  memory_bandwidth_bytes_per_s: { unit: 'bytes/s', write: 'e9', for: 'GB/s' },
  flops: { unit: 'FLOP/s', write: 'e12', for: 'TFLOP/s' },
} as const;

function unitProblems(accelerator: AcceleratorSpec, path: Path, source: YamlSource): Problem[] {
  const { memory_bytes, memory_bandwidth_bytes_per_s, flops } = accelerator;
  const figures = [
    { key: 'memory_bytes', at: ['memory_bytes'], value: memory_bytes.value },
    {
      key: 'memory_bandwidth_bytes_per_s',
      at: ['memory_bandwidth_bytes_per_s'],
      value: memory_bandwidth_bytes_per_s.value,
    },
    ...Object.entries(flops).map(([format, { value }]) => ({ key: 'flops' as const, at: ['flops', format], value })),
  ] as const;
  return figures.flatMap(({ key, at, value }): Problem[] => {
    if (value >= LEAST[key]) return [];
    const { unit, write, for: meant } = UNITS[key];
    return [
      {
        ...source.place([...path, ...at, 'value']),
        message: `${at.join('.')} is in ${unit}: ${value} is too little for an accelerator`,
        hint: `write ${value}${write} if ${value} ${meant} is meant`,
      },
    ];
  });
}
