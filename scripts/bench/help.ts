import type { Bench } from './index.ts';
import { median, ORCHESTRATE, secondsOf } from './measure.ts';

const PAIRS = 30;

export const help: Bench = {
  id: 'help',
  question: 'how long does `orchestrate --help` take beside a bare `node -e 0`? (at most 2.5 x)',
  async *run() {
    await secondsOf(process.execPath, [ORCHESTRATE, '--help']);
    const ratios: number[] = [];
    for (let i = 0; i < PAIRS; i += 1) {
      const bare = await secondsOf(process.execPath, ['-e', '0']);
      ratios.push((await secondsOf(process.execPath, [ORCHESTRATE, '--help'])) / bare);
    }
    yield `median of ${PAIRS} pairs: ${median(ratios).toFixed(2)} x`;
  },
};
