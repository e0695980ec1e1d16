import { readFileSync } from 'node:fs';
import { Summary } from '../../src/schema/summary.ts';

const folder = new URL('../../fixtures/summaries/', import.meta.url);

/** A summary of fixtures/summaries. */
export function fixture(name: 'small' | 'precision' | 'repeats' | 'sixty'): Summary {
  return Summary.parse(JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')));
}
