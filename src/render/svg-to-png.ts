import { access } from 'node:fs/promises';
import { join } from 'node:path';

/** Pixels of a PNG for each of the SVG: sharp on a dense display and in print. */
const SCALE = 2;

const FONT_FILES = ['Roboto_400Regular.ttf', 'Roboto_700Bold.ttf'] as const;

/**
 * Turns SVG text into the bytes of a PNG, with the fonts in `fontDir` and no others: a host's own fonts would change
 * the picture, and where there are none resvg leaves all text out without a word.
 */
export async function svgToPng(svg: string, fontDir: string): Promise<Uint8Array> {
  const fontFiles = FONT_FILES.map((file) => join(fontDir, file));
  await Promise.all(fontFiles.map((file) => access(file)));
  const { Resvg } = await import('@resvg/resvg-js');
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: SCALE },
    font: {
      loadSystemFonts: false,
      fontFiles,
      defaultFontFamily: 'Roboto',
    },
  });
  return picture.render().asPng();
}
