import { createHash } from 'node:crypto';

/** Numbers that only the seed and the name decide: whoever asks, in whatever order, gets the same. */
export interface Chance {
  /** 0 <= number < 1. */
  number(name: string): number;
  /** One of the values. */
  pick<T>(name: string, values: readonly [T, ...T[]]): T;
}

export function chanceOf(seed: number): Chance {
  const number = (name: string) => createHash('sha256').update(`${seed}/${name}`).digest().readUInt32BE() / 2 ** 32;
  return {
    number,
    pick: (name, values) => values[Math.floor(number(name) * values.length)] ?? values[0],
  };
}
