import { expect, test } from 'vitest';
import { ownVariables, toolsDirectory } from '../../src/environment/home.ts';

const checkout = { env: {}, cwd: '/somewhere', packageRoot: '/src/checkout' };
const installed = { env: {}, cwd: '/somewhere', packageRoot: '/usr/lib/node_modules/vllm-orchestrate' };

test('a checkout keeps its tools inside, wherever it is called from', () => {
  expect(toolsDirectory(checkout)).toBe('/src/checkout/.orchestrate');
});

test('an installed package keeps them in the current directory: the next npm install empties its own', () => {
  expect(toolsDirectory(installed)).toBe('/somewhere/.orchestrate');
});

test('ORCHESTRATE_HOME wins, relative to the current directory; empty counts as not set', () => {
  expect(toolsDirectory({ ...checkout, env: { ORCHESTRATE_HOME: '/big/disk' } })).toBe('/big/disk');
  expect(toolsDirectory({ ...installed, env: { ORCHESTRATE_HOME: 'tools' } })).toBe('/somewhere/tools');
  expect(toolsDirectory({ ...checkout, env: { ORCHESTRATE_HOME: '' } })).toBe('/src/checkout/.orchestrate');
});

test('every cache variable of our environment points into the tools directory, and no model folder is moved', () => {
  const places = Object.values(ownVariables('/tools')).filter((value) => value.startsWith('/'));
  expect(places).toHaveLength(4);
  expect(places.every((place) => place.startsWith('/tools/cache/'))).toBe(true);
  expect(Object.keys(ownVariables('/tools')).filter((name) => name.startsWith('HF_'))).toEqual([]);
});
