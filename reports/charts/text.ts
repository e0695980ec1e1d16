/** Width of an average character of running text, as a part of the font size; Roboto's, and a little more. */
const CHARACTER = 0.49;
/** Of a digit, which all have the same width. */
const DIGIT = 0.57;

/** Lines of at most this width, broken at `gaps` only; a piece that is longer stays whole. */
export function wrapped(text: string, gaps: string, widthPx: number, fontSizePx: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of text.split(gaps)) {
    const longer = line === '' ? piece : `${line}${gaps}${piece}`;
    if (line !== '' && longer.length * fontSizePx * CHARACTER > widthPx) {
      lines.push(line);
      line = piece;
    } else {
      line = longer;
    }
  }
  return line === '' ? lines : [...lines, line];
}

/** Whether numbers of this size fit without being turned. */
export function numbersFit(texts: readonly string[], widthPx: number, fontSizePx: number): boolean {
  return texts.every((text) => text.length * fontSizePx * DIGIT <= widthPx);
}
