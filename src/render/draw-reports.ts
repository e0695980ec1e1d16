import { REPORTS } from '../../reports/index.ts';
import type { Draft, Report } from '../../reports/report.ts';
import type { Chart, RenderedFile } from '../schema/rendered.ts';
import type { Summary } from '../schema/summary.ts';
import { chartToSvg } from './chart-to-svg.ts';
import { csvFile } from './csv.ts';
import { svgToPng } from './svg-to-png.ts';

/** Every file that the reports make of a summary, one after the other so that each can be written before the next. */
export async function* drawReports(
  summary: Summary,
  fontDir: string,
  reports: readonly Report[] = REPORTS,
): AsyncGenerator<RenderedFile> {
  for (const report of reports) {
    for (const draft of report.render(summary)) yield* await drawDraft(draft, fontDir);
  }
}

async function drawDraft(draft: Draft, fontDir: string): Promise<RenderedFile[]> {
  switch (draft.kind) {
    case 'file':
      return [draft.file];
    case 'table':
      return [csvFile(draft.table)];
    case 'chart':
      return drawChart(draft.chart, fontDir);
  }
}

/** A chart as SVG and as PNG. `fontDir` holds the bundled fonts (assets/fonts). */
export async function drawChart({ stem, spec }: Chart, fontDir: string): Promise<RenderedFile[]> {
  const svg = await chartToSvg(spec);
  return [
    { path: `${stem}.svg`, content: svg },
    { path: `${stem}.png`, content: await svgToPng(svg, fontDir) },
  ];
}
