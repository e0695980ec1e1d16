import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lowerBound, makespanOf, nextToStart, type RunningTask, simulate, type Task } from '../../src/plan/schedule.ts';

const task = (id: string, devices: number, seconds: number, exclusive = false): Task => ({
  ...{ id, devices, seconds, exclusive },
});
const ids = (tasks: readonly Task[]) => tasks.map(({ id }) => id).join(' ');

const DEVICES = 8;
const tasks = fc.array(
  fc.record({
    devices: fc.constantFrom(1, 2, 3, 4, 8),
    seconds: fc.integer({ min: 1, max: 20 }),
    exclusive: fc.constantFrom(false, false, false, true),
  }),
  { minLength: 1, maxLength: 12 },
);
const named = (some: readonly Omit<Task, 'id'>[]): Task[] => some.map((one, index) => ({ ...one, id: String(index) }));

describe('what may start now', () => {
  test('is what fits, in order', () => {
    expect(ids(nextToStart([task('a', 4, 9), task('b', 2, 9), task('c', 2, 9), task('d', 1, 9)], [], 8, 0))).toBe(
      'a b c',
    );
  });

  // a holds 4 of 8 until 10; the wide one can begin then, so at 3 there are 7 seconds for whoever goes before it.
  const running: RunningTask[] = [{ task: task('a', 4, 10), since: 0 }];
  const wide = task('wide', 8, 50);

  test.each([
    ['ends by then', task('x', 4, 7), 'x'],
    ['would still run then', task('x', 4, 7.5), ''],
  ])('before one that does not fit: what %s', (_, other, expected) => {
    expect(ids(nextToStart([wide, other], running, 8, 3))).toBe(expected);
  });

  test('before one that does not fit: what takes devices that it leaves over, as many as there are', () => {
    // Free now: 4. At 10: 8, of which the reserved one takes 6.
    const behind = [task('six', 6, 50), task('x', 1, 99), task('y', 2, 99), task('z', 1, 99)];
    expect(ids(nextToStart(behind, running, 8, 3))).toBe('x z');
  });

  test('what ends in time does not use up what is left over', () => {
    const behind = [task('six', 6, 50), task('short', 2, 7), task('long', 2, 99)];
    expect(ids(nextToStart(behind, running, 8, 3))).toBe('short long');
  });

  test('all that ends by then counts for what is left over', () => {
    const two = ['a', 'b'].map((id) => ({ task: task(id, 3, 10), since: 0 }));
    // 2 are free now, and at 10 all 8: the reserved one takes 5.
    expect(ids(nextToStart([task('five', 5, 50), task('x', 2, 99)], two, 8, 3))).toBe('x');
  });

  test('nothing goes before one whose devices should be free already', () => {
    const behind = [task('seven', 7, 50), task('x', 1, 1), task('y', 2, 99)];
    expect(ids(nextToStart(behind, running, 8, 10))).toBe('');
    expect(ids(nextToStart(behind, running, 8, 11))).toBe('');
    expect(ids(nextToStart(behind, running, 8, 9))).toBe('x');
  });

  test('an exclusive one runs alone', () => {
    const alone = task('alone', 1, 5, true);
    expect(ids(nextToStart([alone, task('b', 1, 1)], [], 8, 0))).toBe('alone');
    expect(ids(nextToStart([task('b', 1, 9), alone, task('c', 1, 9)], [], 8, 0))).toBe('b c');
    expect(ids(nextToStart([task('b', 1, 1)], [{ task: alone, since: 0 }], 8, 1))).toBe('');
  });

  test('one that takes more devices than there are is our mistake: it would wait for ever', () => {
    expect(() => nextToStart([task('wide', 9, 1)], [], 8, 0)).toThrow(RangeError);
  });
});

describe('a schedule', () => {
  test('has every task once, and never more devices in use than there are', () => {
    fc.assert(
      fc.property(tasks.map(named), (order) => {
        const schedule = simulate(order, DEVICES);
        expect(schedule.map(({ task: { id } }) => id).toSorted()).toEqual(order.map(({ id }) => id).toSorted());
        for (const { start: at } of schedule) {
          const then = schedule.filter(({ start, end }) => start <= at && at < end);
          expect(then.reduce((sum, one) => sum + one.task.devices, 0)).toBeLessThanOrEqual(DEVICES);
          if (then.some((one) => one.task.exclusive)) expect(then).toHaveLength(1);
        }
      }),
    );
  });

  test('is no shorter than the lower bound', () => {
    fc.assert(
      fc.property(tasks.map(named), (order) => {
        const bound = lowerBound(order, DEVICES);
        expect(makespanOf(simulate(order, DEVICES))).toBeGreaterThanOrEqual(bound * (1 - 1e-9));
      }),
    );
  });

  test('the lower bound is that of the work, or of the longest', () => {
    // (4 x 10 + 8 x 5) / 8 = 10; an exclusive task keeps all eight: (8 x 10 + 8 x 5) / 8 = 15.
    expect(lowerBound([task('a', 4, 10), task('b', 8, 5)], 8)).toBe(10);
    expect(lowerBound([task('a', 4, 10, true), task('b', 8, 5)], 8)).toBe(15);
    expect(lowerBound([task('a', 1, 12), task('b', 8, 5)], 8)).toBe(12);
  });

  test('when all comes as expected, those behind the first that has to wait do not delay it', () => {
    fc.assert(
      fc.property(tasks.map(named), (order) => {
        const startOf = (some: readonly Task[], one: Task) =>
          simulate(some, DEVICES).find((timed) => timed.task === one)?.start ?? Number.NaN;
        const first = order.find((one) => startOf(order, one) > 0);
        if (first === undefined) return;
        const upTo = order.slice(0, order.indexOf(first) + 1);
        expect(startOf(order, first)).toBeLessThanOrEqual(startOf(upTo, first));
      }),
    );
  });
});

describe('a task that does not fit is not starved', () => {
  /**
   * A host to which small tasks keep coming, whose expected and real durations have nothing to do with each other; all
   * stand behind the wide one. Says when the wide one starts, and when the tasks that ran at its reserved time end.
   */
  function startOfWide(expected: readonly number[], real: readonly number[], width: number) {
    const wide = task('wide', width, 10);
    const at = (list: readonly number[], index: number) => list[index % list.length] ?? 1;
    const running: (RunningTask & { readonly end: number })[] = [];
    let coming = 0;
    /** Of every size, so that there is always one that would fit. */
    const smalls = () => [1, 2, 3].map((size) => task(`small-${coming}-${size}`, size, at(expected, coming + size)));
    const start = (one: Task, now: number) => {
      running.push({ task: one, since: now, end: now + at(real, coming) });
      coming += 1;
    };
    for (const one of smalls()) start(one, 0);
    const reserved = Math.max(...running.map((one) => one.task.seconds));
    let latest = Math.max(...running.map(({ end }) => end));
    for (let now = 0; now < 500; now = Math.min(...running.map(({ end }) => end))) {
      running.splice(0, running.length, ...running.filter(({ end }) => end > now));
      const starting = nextToStart([wide, ...smalls()], running, DEVICES, now);
      if (starting.includes(wide)) return { start: now, latest };
      for (const one of starting) start(one, now);
      if (now <= reserved) latest = Math.max(latest, ...running.map(({ end }) => end));
    }
    return { start: Number.POSITIVE_INFINITY, latest };
  }

  const seconds = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 9 });

  test('by tasks that keep coming: it waits for those that began before its time had come, no others', () => {
    fc.assert(
      fc.property(seconds, seconds, fc.constantFrom(4, 5, 6, 7, 8), (expected, real, width) => {
        const { start, latest } = startOfWide(expected, real, width);
        expect(start).toBeLessThanOrEqual(latest);
      }),
    );
  });
});
