/** A file that a report made. `path` is relative to the output directory, parts joined by `/`. */
export interface RenderedFile {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** A chart: a Vega-Lite specification and where its drawings go (`<stem>.svg`, `<stem>.png`). */
export interface Chart {
  readonly stem: string;
  readonly spec: VegaLiteSpec;
}

/** A Vega-Lite specification as plain JSON; typed where it is built, opaque where it is drawn. */
export type VegaLiteSpec = { readonly [key: string]: unknown };
