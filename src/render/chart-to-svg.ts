import type { TopLevelSpec } from 'vega-lite';
import type { VegaLiteSpec } from '../schema/rendered.ts';
import { robotoWidth } from './roboto-width.ts';

// Exported by vega 6 and absent from its typings.
declare module 'vega' {
  export const textMetrics: { width: (item: TextItem, text: unknown) => number };
  export function resetSVGDefIds(): void;
  interface TextItem {
    readonly fontSize?: number;
    readonly fontWeight?: string | number;
    readonly limit?: number;
  }
}

/**
 * Draws a chart as SVG text. Nothing is fetched: a specification that names a file or an address fails.
 * The same specification gives the same text.
 */
export async function chartToSvg(spec: VegaLiteSpec): Promise<string> {
  const { vega, vegaLite } = await loadVega();
  // The specification was typed where it was built; see VegaLiteSpec.
  const compiled = vegaLite.compile(spec as unknown as TopLevelSpec, { logger: SILENT }).spec;
  const asked: string[] = [];
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', loader: refusingLoader(asked), logger: SILENT });
  try {
    await view.runAsync();
    // Vega only logs what its loader throws, and draws the chart without the data.
    if (asked.length > 0) throw new Error(`A chart holds its own data; this one asked for ${asked.join(', ')}`);
    // Ids of clip paths are counted over the life of the process.
    vega.resetSVGDefIds();
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

interface Libraries {
  readonly vega: typeof import('vega');
  readonly vegaLite: typeof import('vega-lite');
}

let libraries: Promise<Libraries> | null = null;

/** Loaded with the first chart: they take a third of a second, which `orchestrate --help` must not pay. */
function loadVega(): Promise<Libraries> {
  libraries ??= Promise.all([import('vega'), import('vega-lite')]).then(([vega, vegaLite]) => {
    // Without a canvas Vega guesses text widths, up to 1.7 x too wide, and leaves margins that nothing fills.
    vega.textMetrics.width = (item, text) => {
      const width = robotoWidth(String(text ?? ''), item.fontSize ?? 11, isBold(item.fontWeight));
      return item.limit !== undefined && item.limit > 0 ? Math.min(item.limit, width) : width;
    };
    return { vega, vegaLite };
  });
  return libraries;
}

function isBold(weight: string | number | undefined): boolean {
  return weight === 'bold' || Number(weight) >= 600;
}

function refusingLoader(asked: string[]) {
  const refuse = async (uri: string): Promise<never> => {
    asked.push(uri);
    throw new Error('A chart holds its own data');
  };
  return { load: refuse, sanitize: refuse, http: refuse, file: refuse };
}

/** Warnings of the libraries are for who builds a chart; its tests look at them. */
const SILENT = (() => {
  const logger = {
    level: () => logger,
    error: () => logger,
    warn: () => logger,
    info: () => logger,
    debug: () => logger,
  };
  return logger;
})();
