import { expect, test } from 'vitest';
import type { Shell, StopSignal } from '../../src/cli/shell.ts';
import { stopOnSignals } from '../../src/cli/stop.ts';
import { Refusal } from '../../src/errors/refusal.ts';

/** What stops on signals, how to give one, and what was said. */
function stopping() {
  const listeners = new Set<(signal: StopSignal) => void>();
  const said: string[] = [];
  const onStop: Shell['onStop'] = (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  };
  const stop = stopOnSignals({ onStop } as unknown as Shell, (text) => said.push(text));
  const give = (signal: StopSignal) => {
    for (const listener of listeners) listener(signal);
  };
  return { stop, give, said };
}

test('the first signal stops, the second hurries, and the third changes nothing', () => {
  const { stop, give, said } = stopping();
  give('SIGTERM');
  expect([stop.signal.reason, stop.hurry.aborted]).toEqual(['SIGTERM', false]);
  give('SIGINT');
  expect([stop.signal.reason, stop.hurry.aborted]).toEqual(['SIGTERM', true]);
  give('SIGINT');
  expect(said.map((text) => text.replace(/:.*/, ''))).toEqual(['SIGTERM', 'SIGINT again', expect.any(String)]);
});

test('nothing stops any more when it is released', () => {
  const { stop, give } = stopping();
  stop.release();
  give('SIGINT');
  expect(stop.signal.aborted).toBe(false);
});

test('that it was stopped comes before what the host refuses', () => {
  const { stop, give } = stopping();
  const full = new Refusal('host', 'the disk is full', 'make room');
  expect(stop.insteadOf(full)).toBe(full);
  give('SIGHUP');
  expect(stop.insteadOf(full)).toMatchObject({ exitCode: 129, remedy: 'make room' });
  expect(String(stop.insteadOf(full))).toContain('interrupted by SIGHUP: the disk is full');
  // A fault of our own stays one.
  const fault = new TypeError('a fault');
  expect(stop.insteadOf(fault)).toBe(fault);
});
