import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { emptyFolder } from '../journal/folder.ts';
import { carryOut, filesIn, journalOf, point } from './runs.ts';

/** Runs in a folder inside an empty one, and gives what was written beside it. */
async function outside(runs: readonly object[]) {
  const around = emptyFolder();
  const directory = join(around, 'a', 'b', 'out');
  const finished = await carryOut(runs, { directory });
  const strangers = filesIn(around).filter((path) => !path.startsWith('a/b/out/'));
  return { ...finished, strangers: [...strangers, ...readdirSync(around).filter((name) => name !== 'a')] };
}

describe('a name from the run definition leads out of no folder', () => {
  test.each([
    ['../../evil'],
    ['..'],
    ['/tmp/evil'],
    ['a/../../../../evil'],
    ['..\\..\\evil'],
    ['con'],
    ['x'.repeat(300)],
    ['-rf'],
    ['模型 ünïcode 🚀'],
  ])('run %j', async (name) => {
    // The stand-in does not know this name: each measurement ends the driver, and nothing else must happen.
    const { strangers, directory } = await outside([point(name)]);
    expect(strangers).toEqual([]);
    expect(readdirSync(join(directory, 'attempts'))).toHaveLength(1);
  });

  test.each([['../../x'], ['/../x'], ['..'], ['.'], ['~/x'], ['a/../../../x'], ['..\\x']])(
    'model %j',
    async (model) => {
      const { strangers, summary, directory } = await outside([point('measures', 8, { model })]);
      expect(strangers).toEqual([]);
      expect(summary.records[0]?.state).toBe('valid');
      const charts = filesIn(directory).filter((path) => path.endsWith('throughput_by_seqlen_and_tp.png'));
      expect(charts).toHaveLength(1);
      expect(dirname(charts[0] ?? '')).not.toContain('/');
    },
  );
});

describe('two names that look alike keep their files apart', () => {
  test('models that differ only in / and _', async () => {
    const { directory } = await carryOut([
      point('measures', 8, { model: 'org/model' }),
      point('measures-2', 8, { model: 'org_model' }),
      point('measures-3', 8, { model: 'ORG_model' }),
    ]);
    const charts = filesIn(directory).filter((path) => path.endsWith('throughput_by_seqlen_and_tp.png'));
    expect(charts).toHaveLength(3);
    expect(new Set(charts.map((path) => path.toLowerCase())).size).toBe(3);
  });

  test('runs that differ only in / and _', async () => {
    const { directory } = await carryOut([
      point('measures', 8, { model: 'a/a' }),
      point('measures/', 8, { model: 'b/b' }),
      point('measures_', 8, { model: 'c/c' }),
    ]);
    const attempts = journalOf(directory).flatMap((event) =>
      event.event === 'attempt_started' ? [[event.attempt, event.log]] : [],
    );
    expect(new Set(attempts.map(([attempt]) => attempt)).size).toBe(3);
    expect(new Set(attempts.map(([, log]) => log)).size).toBe(3);
  });
});
