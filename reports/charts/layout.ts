/** Where the panels of a chart of grouped bars go, in px. */
export interface Layout {
  /** One panel each; the lengths that it shows, and its setting. */
  readonly cells: readonly Cell[];
  readonly columns: number;
  readonly panelWidth: number;
  readonly panelHeight: number;
  /** From one group of bars to the next. */
  readonly groupStep: number;
  readonly groupGap: number;
  readonly barWidth: number;
}

/** A panel: some of the lengths of one setting. */
export interface Cell {
  readonly panel: string;
  readonly lengths: readonly string[];
}

/** Between two panels. */
export const PANEL_SPACING = 20;

/** Width of all panels of a row together: wide enough for a page, and no wider. */
const ROW_WIDTH = 1040;
const MIN_PANEL_WIDTH = { alone: 480, besideOthers: 240 };
const BAR = { min: 10, max: 56 };
const PANEL_HEIGHT = { inOneRow: 320, inRows: 200 };
/** Rows of panels in one drawing; what does not fit goes to the next drawing. */
const MAX_ROWS = 10;

/**
 * Panels stand side by side as long as their bars stay readable; a panel with more lengths than a row can hold is
 * continued in the next row. More rows than a drawing can hold make further drawings.
 */
export function layOut(lengths: readonly string[], seriesCount: number, panels: readonly string[]): Layout[] {
  const columns = columnCount(lengths.length, seriesCount, panels.length);
  const available = Math.floor((ROW_WIDTH - PANEL_SPACING * (columns - 1)) / columns);
  const inOneRow = Math.max(1, Math.floor(available / groupStep(BAR.min, seriesCount)));
  const perRow = Math.ceil(lengths.length / Math.ceil(lengths.length / inOneRow));
  const barWidth = widestBar(available / perRow, seriesCount);
  const step = groupStep(barWidth, seriesCount);
  const cells = panels.flatMap((panel) => chunks(lengths, perRow).map((some) => ({ panel, lengths: some })));
  return chunks(cells, columns * MAX_ROWS).map((some) => ({
    cells: some,
    columns,
    panelWidth: Math.max(columns === 1 ? MIN_PANEL_WIDTH.alone : MIN_PANEL_WIDTH.besideOthers, perRow * step),
    panelHeight: some.length > columns ? PANEL_HEIGHT.inRows : PANEL_HEIGHT.inOneRow,
    groupStep: step,
    groupGap: gap(barWidth, seriesCount),
    barWidth,
  }));
}

/** As many panels side by side as keep the narrowest bar readable; rows are filled evenly. */
function columnCount(lengthCount: number, seriesCount: number, panelCount: number): number {
  const needed = Math.max(MIN_PANEL_WIDTH.besideOthers, lengthCount * groupStep(BAR.min + 3, seriesCount));
  const most = clamp(Math.floor(ROW_WIDTH / (needed + PANEL_SPACING)), 1, Math.min(panelCount, 4));
  return Math.ceil(panelCount / Math.ceil(panelCount / most));
}

function widestBar(stepAvailable: number, seriesCount: number): number {
  let width = BAR.max;
  while (width > BAR.min && groupStep(width, seriesCount) > stepAvailable) width -= 1;
  return width;
}

function groupStep(barWidth: number, seriesCount: number): number {
  return barWidth * seriesCount + gap(barWidth, seriesCount);
}

/** Groups of one bar need less air between them than groups of many. */
function gap(barWidth: number, seriesCount: number): number {
  return Math.round(seriesCount === 1 ? 6 + barWidth * 0.4 : 10 + barWidth * 0.5);
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
