import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layOut } from '../../../reports/charts/layout.ts';

const count = (max: number) => fc.integer({ min: 1, max });
const named = (prefix: string, length: number) => Array.from({ length }, (_, index) => `${prefix}${index}`);

test('for any number of points: each has its place once, on a page, in bars that can be seen', () => {
  fc.assert(
    fc.property(count(300), count(8), count(20), (lengthCount, seriesCount, panelCount) => {
      const lengths = named('l', lengthCount);
      const panels = named('p', panelCount);
      const pages = layOut(lengths, seriesCount, panels);
      const places = pages.flatMap((page) =>
        page.cells.flatMap((cell) => cell.lengths.map((one) => `${cell.panel} ${one}`)),
      );
      expect(places.toSorted()).toEqual(panels.flatMap((panel) => lengths.map((one) => `${panel} ${one}`)).toSorted());
      for (const page of pages) {
        expect(page.barWidth).toBeGreaterThanOrEqual(10);
        expect(page.columns * page.panelWidth).toBeLessThanOrEqual(1040);
        expect(Math.ceil(page.cells.length / page.columns)).toBeLessThanOrEqual(10);
        for (const cell of page.cells) {
          expect(cell.lengths.length * page.groupStep).toBeLessThanOrEqual(page.panelWidth);
        }
      }
    }),
  );
});

test('three precisions of four lengths stand side by side', () => {
  const [page] = layOut(named('l', 4), 4, named('p', 3));
  expect([page?.columns, page?.cells.length]).toEqual([3, 3]);
});

test('sixty lengths are continued in rows', () => {
  const [page] = layOut(named('l', 60), 4, ['']);
  expect(page?.columns).toBe(1);
  expect(page?.cells.map((cell) => cell.lengths.length)).toEqual([15, 15, 15, 15]);
});
