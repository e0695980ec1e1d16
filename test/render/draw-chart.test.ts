import { fileURLToPath } from 'node:url';
import { Resvg } from '@resvg/resvg-js';
import { expect, test } from 'vitest';
import { charts } from '../../reports/charts/index.ts';
import { chartToSvg } from '../../src/render/chart-to-svg.ts';
import { drawChart } from '../../src/render/draw-reports.ts';
import { svgToPng } from '../../src/render/svg-to-png.ts';
import type { Chart } from '../../src/schema/rendered.ts';
import { fixture } from '../reports/fixtures.ts';
import { recordOf, summaryOf } from '../reports/make-summaries.ts';

const fonts = fileURLToPath(new URL('../../assets/fonts', import.meta.url));

function chartOf(id: string, summary = fixture('small')): Chart {
  const chart = charts(summary).find((one) => one.stem.endsWith(`/${id}`));
  if (chart === undefined) throw new Error(`no ${id}`);
  return chart;
}

/** The texts of an SVG, as they are read. */
function textsIn(svg: string): string[] {
  return [...svg.matchAll(/<(?:text|tspan)[^>]*>(?<text>[^<]+)</g)].map((match) => match.groups?.['text'] ?? '');
}

test.each([
  ['throughput_by_seqlen_and_tp', 'Output tokens / s'],
  ['ttft_by_seqlen_and_tp', 'TTFT (s)'],
  ['prefill_by_seqlen_and_tp', 'Prefill time (ms)'],
  ['tpot_by_seqlen_and_tp', 'TPOT (ms per output token)'],
  ['decode_speed_by_seqlen_and_tp', 'Output tokens / s of one request'],
])('%s: the SVG holds axes with units, the legend, and what is not shown', async (id, title) => {
  const texts = textsIn(await chartToSvg(chartOf(id).spec));
  expect(texts).toEqual(expect.arrayContaining([title, 'Input / output (tokens)', 'TP 1', 'TP 2', 'TP 8', '128/32']));
  expect(texts).toContain('2 of 6 points not shown: 1 failed, 1 invalid');
});

test('an SVG and a PNG are drawn, with the same bytes each time', async () => {
  const chart = chartOf('ttft_by_seqlen_and_tp');
  const [svg, png] = await drawChart(chart, fonts);
  expect([svg?.path, png?.path]).toEqual([`${chart.stem}.svg`, `${chart.stem}.png`]);
  await drawChart(chartOf('tpot_by_seqlen_and_tp'), fonts);
  expect(await drawChart(chart, fonts)).toEqual([svg, png]);
});

test('clip paths have the same ids each time', async () => {
  const spec = {
    data: { values: [{ a: 1 }] },
    mark: { type: 'point', clip: true },
    encoding: { x: { field: 'a', type: 'quantitative' } },
  };
  const first = await chartToSvg(spec);
  expect(first).toContain('clip-path');
  expect(await chartToSvg(spec)).toBe(first);
});

test('the PNG holds its text, on a host without fonts too', async () => {
  const svg = await chartToSvg(chartOf('throughput_by_seqlen_and_tp').spec);
  const png = await svgToPng(svg, fonts);
  const textless = new Resvg(svg, { fitTo: { mode: 'zoom', value: 2 }, font: { loadSystemFonts: false } }).render();
  expect(textless.asPng().length).toBeLessThan(png.length * 0.7);
  expect(Buffer.from(png).subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'));
});

test('bold text is drawn in the bold font', async () => {
  const svg = await chartToSvg(chartOf('throughput_by_seqlen_and_tp').spec);
  const regular = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: 2 },
    font: { loadSystemFonts: false, fontFiles: [`${fonts}/Roboto_400Regular.ttf`] },
  });
  expect(await svgToPng(svg, fonts)).not.toEqual(regular.render().asPng());
});

test('without the bundled fonts there is an error, not a chart without text', async () => {
  await expect(svgToPng('<svg xmlns="http://www.w3.org/2000/svg"/>', '/nowhere')).rejects.toThrow('ENOENT');
});

test('a model’s name is text, whatever it looks like', async () => {
  const model = 'x/<script>alert("&")</script>';
  const svg = await chartToSvg(chartOf('throughput_by_seqlen_and_tp', summaryOf([recordOf({ model })])).spec);
  expect(svg).not.toContain('<script');
  expect(svg).toContain('&lt;script&gt;');
});

test('a specification cannot read a file', async () => {
  const spec = {
    data: { url: '/etc/hostname', format: { type: 'csv' } },
    mark: 'point',
    encoding: { x: { field: 'a', type: 'nominal' } },
  };
  await expect(chartToSvg(spec)).rejects.toThrow('asked for /etc/hostname');
});
