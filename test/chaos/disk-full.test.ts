import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { readEvents } from '../../src/journal/journal.ts';
import { emptyFolder } from '../journal/folder.ts';
import { MIDDLE } from './definitions.ts';
import { resumeToTheEnd } from './kills.ts';
import { endAll, livingIn } from './living.ts';
import { type Place, placeIn, run, start } from './program.ts';
import { whatIsWrong } from './whole.ts';

/** Null where a small file system can be mounted; else why not. */
const missing = whyNoMount();
const HOW = 'sudo env "PATH=$PATH" npm test -- test/chaos/disk-full.test.ts';

// Not `runIf`: under CI a test that is skipped is a failure.
if (missing !== null && process.env['CI'] === 'true') {
  test('under CI a small file system can be mounted', () => {
    expect(missing).toBe(null);
  });
}

describe.skipIf(missing !== null)(
  `the disk fills up in mid-run${missing === null ? '' : ` (${missing}; this enables it: ${HOW})`}`,
  { timeout: 120_000 },
  () => {
    // Where the room ends is left to the moment: in the journal, a record, a log, or what the driver writes.
    test.each([1, 30])('%i KiB are left: it ends in order, says so, and goes on when there is room', async (left) => {
      const undisturbed = placeIn(emptyFolder(), MIDDLE);
      expect(await run(undisturbed)).toMatchObject({ code: 0 });
      const disk = smallDisk();
      const place = placeIn(emptyFolder(), MIDDLE, { milliseconds: 30, out: join(disk, 'out') });
      onTestFinished(() => endAll(place.out));
      const running = start(place);
      await until(() => measuredIn(place) >= 3);
      const filler = fill(disk, left);
      const { code, signal, text } = await running.ended;
      expect({ code, signal, text }).toMatchObject({ code: 5, signal: null });
      expect(text).toMatch(/disk is full/);
      expect(livingIn(place.out)).toEqual([]);
      expect(readEvents(place.out)).toMatchObject({ unreadable: 0 });

      rmSync(filler);
      expect(await resumeToTheEnd(place)).toEqual([]);
      expect(whatIsWrong(place.out, undisturbed.out)).toEqual([]);
    });
  },
);

/** 8 MiB that are gone after the test. */
function smallDisk(): string {
  const folder = join(emptyFolder(), 'disk');
  mkdirSync(folder);
  mount(['-t', 'tmpfs', '-o', 'size=8m', 'chaos', folder]);
  onTestFinished(() => {
    spawnSync('umount', ['-l', folder]);
  });
  return folder;
}

/** Leaves so many KiB; the file that takes the rest. */
function fill(disk: string, leftKiB: number): string {
  const { bavail, bsize } = statfsSync(disk);
  const filler = join(disk, 'filler');
  try {
    writeFileSync(filler, Buffer.alloc(bavail * bsize));
  } catch {
    // Others have written meanwhile: it has taken all the rest.
  }
  truncateSync(filler, Math.max(0, statSync(filler).size - leftKiB * 1024));
  return filler;
}

function measuredIn({ out }: Place): number {
  return readEvents(out).events.filter(({ event }) => event === 'measured').length;
}

async function until(happened: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!happened()) {
    if (performance.now() > deadline) throw new Error('not within 30 s');
    await sleep(20);
  }
}

function whyNoMount(): string | null {
  const result = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'chaos', '/tmp'], { encoding: 'utf8' });
  if (result.error !== undefined) return 'there is no unshare';
  return result.status === 0 ? null : `only root may mount: ${result.stderr.trim().split('\n')[0]}`;
}

function mount(args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`mount: ${stderr}`);
}
