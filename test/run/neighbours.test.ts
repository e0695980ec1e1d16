import { expect, test } from 'vitest';
import { Neighbours } from '../../src/run/neighbours.ts';

test('a measurement tells of everybody who ran during it, and of nobody else', () => {
  const neighbours = new Neighbours();
  for (const attempt of ['a', 'b', 'leaves before']) neighbours.enter(attempt);
  neighbours.leave('leaves before');
  const first = neighbours.watch('a');
  neighbours.leave('b');
  neighbours.enter('c');
  expect(first()).toEqual(['b', 'c']);
  const second = neighbours.watch('a');
  neighbours.enter('too short');
  neighbours.leave('too short');
  expect(second()).toEqual(['c', 'too short']);
  expect(neighbours.watch('c')()).toEqual(['a']);
});

test('what comes after a look has ended is not in it', () => {
  const neighbours = new Neighbours();
  neighbours.enter('a');
  const ended = neighbours.watch('a');
  expect(ended()).toEqual([]);
  neighbours.enter('b');
  expect(ended()).toEqual([]);
});
