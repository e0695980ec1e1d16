import { describe, expect, test } from 'vitest';
import { Watchdog } from '../../src/run/watchdog.ts';

const LIMITS = { stepSeconds: 100, stallSeconds: 30 };
const SHM =
  '(EngineCore pid=9) INFO [shm_broadcast.py:542] No available shared memory broadcast block found in 60 seconds.';
const IDLE =
  'INFO [loggers.py:257] Engine 000: Avg prompt throughput: 0.0 tokens/s, Avg generation throughput: 0.0 tokens/s';
const BUSY =
  'INFO [loggers.py:257] Engine 000: Avg prompt throughput: 0.0 tokens/s, Avg generation throughput: 12.5 tokens/s';
const GONE = 'WARNING [core_client.py:817] [shutdown] MPClient: engine core exited unexpectedly; starting cleanup';

describe('an engine without progress', () => {
  test('is stopped when the limit is over, and not before', () => {
    const watchdog = new Watchdog(LIMITS, 1000);
    expect(watchdog.verdict(1030)).toBeNull();
    expect(watchdog.verdict(1030.1)).toEqual({ kind: 'stalled', afterSeconds: 30 });
  });

  test.each(['Loading safetensors checkpoint shards:  50%', BUSY])('goes on with %s', (line) => {
    const watchdog = new Watchdog(LIMITS, 0);
    watchdog.line(line, 29);
    expect(watchdog.verdict(59)).toBeNull();
    expect(watchdog.verdict(59.1)).toMatchObject({ kind: 'stalled' });
  });

  test.each([SHM, IDLE, '', '   '])('does not go on with %j', (line) => {
    const watchdog = new Watchdog(LIMITS, 0);
    watchdog.line(line, 29);
    expect(watchdog.verdict(30.1)).toMatchObject({ kind: 'stalled' });
  });
});

describe('a step that takes too long', () => {
  test('is stopped although the engine makes progress', () => {
    const watchdog = new Watchdog(LIMITS, 0);
    for (let now = 10; now <= 100; now += 10) {
      watchdog.line(BUSY, now);
      expect(watchdog.verdict(now)).toBeNull();
    }
    expect(watchdog.verdict(100.1)).toEqual({ kind: 'timed-out', afterSeconds: 100 });
  });

  test('begins anew with every step', () => {
    const watchdog = new Watchdog(LIMITS, 0);
    watchdog.step(90);
    expect(watchdog.verdict(119)).toBeNull();
    watchdog.line(BUSY, 119);
    watchdog.line(BUSY, 140);
    watchdog.line(BUSY, 165);
    watchdog.line(BUSY, 189);
    expect(watchdog.verdict(190)).toBeNull();
    expect(watchdog.verdict(190.1)).toMatchObject({ kind: 'timed-out' });
  });

  test('has no limit where none is set', () => {
    const watchdog = new Watchdog({ stepSeconds: null, stallSeconds: 30 }, 0);
    watchdog.line(BUSY, 1e6);
    expect(watchdog.verdict(1e6 + 1)).toBeNull();
  });
});

test('a parent whose engine core was killed gets 30 s to end by itself, whatever it prints meanwhile', () => {
  const watchdog = new Watchdog({ stepSeconds: null, stallSeconds: 1000 }, 0);
  watchdog.line(GONE, 500);
  watchdog.line(GONE, 529);
  watchdog.line(BUSY, 529);
  expect(watchdog.verdict(530)).toBeNull();
  expect(watchdog.verdict(530.1)).toEqual({ kind: 'stalled', afterSeconds: 30 });
});
