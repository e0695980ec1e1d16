import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { readEvents } from '../../src/journal/journal.ts';
import { collect } from '../../src/run/collect.ts';
import { Plan } from '../../src/schema/plan.ts';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, journalOf, point, readJson, recordOf } from './runs.ts';

// Charts are drawn at the end of every run, and these tests make many.
vi.mock('../../reports/charts/index.ts', () => ({ CHARTS: [], charts: () => [] }));

const RUNS = [point('measures', 16, { repeats: 2 }), point('measures-2', 8)];

/** A finished run, and copies of its directory as a crash or a power cut could have left them. */
async function crashes(runs: readonly object[]) {
  const { directory } = await carryOut(runs);
  const bytes = readFileSync(join(directory, 'events.jsonl'));
  const ends = [...bytes.entries()].flatMap(([at, byte]) => (byte === 0x0a ? [at] : []));
  return {
    directory,
    bytes,
    /** For each line, that the crash came at its first byte, in its middle, and before its newline. */
    cuts: ends.flatMap((end, line) => {
      const start = line === 0 ? 0 : (ends[line - 1] ?? 0) + 1;
      return [start, Math.floor((start + end) / 2), end];
    }),
    copyCutAt: (cut: number) => {
      const copy = emptyFolder();
      cpSync(directory, copy, { recursive: true });
      writeFileSync(join(copy, 'events.jsonl'), bytes.subarray(0, cut));
      return copy;
    },
  };
}

describe('events.jsonl cut off at a byte', () => {
  test('every byte of it: what was measured is what stands in its whole lines', async () => {
    const { directory, bytes } = await crashes(RUNS);
    const plan = Plan.parse(readJson(directory, 'plan.json'));
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      writeFileSync(join(directory, 'events.jsonl'), bytes.subarray(0, cut));
      const whole = bytes.subarray(0, cut).toString().split('\n').slice(0, -1);
      const measured = whole.filter((line) => line.startsWith('{"event":"measured"')).length;
      expect([...collect(plan, directory, readEvents(directory).events).done()]).toHaveLength(measured);
    }
  });

  test('in any line: the same command makes the rest, and each measurement counts once', async () => {
    const { copyCutAt, cuts } = await crashes(RUNS);
    for (const cut of cuts) {
      const directory = copyCutAt(cut);
      const kept = readEvents(directory).events.filter(({ event }) => event === 'measured').length;
      const again = await carryOut(RUNS, { directory });
      expect({ cut, began: again.began.length, left: again.left }).toEqual({ cut, began: 3 - kept, left: 0 });
      expect(recordOf(again, 'measures')).toMatchObject({ state: 'valid', reasons: [] });
      expect(recordOf(again, 'measures').samples.map(({ repeat }) => repeat)).toEqual([0, 1]);
      expect(recordOf(again, 'measures-2').samples.map(({ repeat }) => repeat)).toEqual([0]);
      // No line of the old attempt may stand in the evidence of the new one.
      expect(() => journalOf(directory)).not.toThrow();
    }
  });

  test('in any line, with the stock benchmark', async () => {
    const stock = [point('measures', 16, { driver: 'stock' })];
    const { copyCutAt, cuts } = await crashes(stock);
    for (const cut of cuts) {
      const again = await carryOut(stock, { directory: copyCutAt(cut) });
      expect({ cut, left: again.left }).toEqual({ cut, left: 0 });
      expect({ cut, ...recordOf(again, 'measures') }).toMatchObject({ cut, state: 'valid', reasons: [] });
      expect(recordOf(again, 'measures').samples).toHaveLength(1);
    }
  });
});
