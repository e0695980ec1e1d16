import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { csvFile } from '../../src/render/csv.ts';
import { drawReports } from '../../src/render/draw-reports.ts';
import { fixture } from '../reports/fixtures.ts';

const fonts = fileURLToPath(new URL('../../assets/fonts', import.meta.url));

test('every report is drawn into its files', async () => {
  const paths: string[] = [];
  for await (const { path } of drawReports(fixture('small'), fonts)) paths.push(path);
  const kinds = ['throughput', 'ttft', 'prefill', 'tpot', 'decode_speed'];
  const drawn = kinds.flatMap((kind) =>
    ['svg', 'png'].map((ending) => `example-org_Synthetic-8B-Instruct/${kind}_by_seqlen_and_tp.${ending}`),
  );
  expect(paths).toEqual(['summary_report.json', 'benchmark_summary.csv', ...drawn]);
});

test('a CSV cell is quoted where it must be, empty where nothing is known, and no formula', () => {
  const rows = [
    ['a "b", c', null, 0.1 + 0.2, -1],
    ['=HYPERLINK("x")', '@SUM(1)', 0, '-2+3'],
  ];
  expect(csvFile({ path: 'x.csv', header: ['p', 'q', 'r', 's'], rows })).toEqual({
    path: 'x.csv',
    content: 'p,q,r,s\n"a ""b"", c",,0.30000000000000004,-1\n"\'=HYPERLINK(""x"")",\'@SUM(1),0,\'-2+3\n',
  });
});
