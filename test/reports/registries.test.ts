import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CHARTS } from '../../reports/charts/index.ts';
import { REPORTS } from '../../reports/index.ts';

const folder = new URL('../../reports/', import.meta.url);

/** Everything that the modules of a folder export, its index left out. */
async function exported(under: string): Promise<unknown[]> {
  const files = readdirSync(new URL(under, folder)).filter((file) => file.endsWith('.ts') && file !== 'index.ts');
  const modules = await Promise.all(files.map((file) => import(new URL(under + file, folder).href)));
  return modules.flatMap((module: object) => Object.values(module));
}

function isNamed(value: unknown, method: string): boolean {
  return typeof value === 'object' && value !== null && 'id' in value && method in value;
}

test('every report on disk is in the table, and its charts are', async () => {
  const onDisk = (await exported('')).filter((value) => isNamed(value, 'render'));
  expect(onDisk).toHaveLength(2);
  for (const report of onDisk) expect(REPORTS).toContain(report);
  expect(REPORTS.map((report) => report.id)).toEqual(['summary-report', 'benchmark-summary', 'charts']);
});

test('every chart on disk is in the table', async () => {
  const onDisk = (await exported('charts/')).filter((value) => isNamed(value, 'draw'));
  expect(new Set(onDisk)).toEqual(new Set(CHARTS));
  expect(new Set(CHARTS.map((chart) => chart.id)).size).toBe(CHARTS.length);
});

test('a chart’s file is called like the chart', () => {
  const files = readdirSync(new URL('charts/', folder));
  for (const { id } of CHARTS) expect(files).toContain(`${id.replaceAll('_', '-')}.ts`);
});
