import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { robotoWidth } from '../../src/render/roboto-width.ts';

/** Advance widths by character code, from the font file itself: `cmap` format 4 and `hmtx`. */
function advances(file: string): (code: number) => number {
  const font = readFileSync(new URL(`../../assets/fonts/${file}`, import.meta.url));
  const tables = new Map<string, number>();
  for (let entry = 12; entry < 12 + 16 * font.readUInt16BE(4); entry += 16) {
    tables.set(font.toString('latin1', entry, entry + 4), font.readUInt32BE(entry + 8));
  }
  const at = (tag: string): number => tables.get(tag) ?? Number.NaN;
  expect(font.readUInt16BE(at('head') + 18)).toBe(2048);
  const metrics = font.readUInt16BE(at('hhea') + 34);
  const cmap = at('cmap');
  const subtable = cmap + font.readUInt32BE(cmap + 8);
  expect(font.readUInt16BE(subtable)).toBe(4);
  const twice = font.readUInt16BE(subtable + 6);

  return (code) => {
    const ends = subtable + 14;
    for (let index = 0; index < twice; index += 2) {
      if (code > font.readUInt16BE(ends + index)) continue;
      const start = font.readUInt16BE(ends + twice + 2 + index);
      const delta = font.readUInt16BE(ends + 2 * twice + 2 + index);
      const rangeAt = ends + 3 * twice + 2 + index;
      const range = font.readUInt16BE(rangeAt);
      const glyph = range === 0 ? code + delta : font.readUInt16BE(rangeAt + range + 2 * (code - start));
      return font.readUInt16BE(at('hmtx') + 4 * Math.min(glyph & 0xffff, metrics - 1));
    }
    throw new Error(`no glyph for ${code}`);
  };
}

const CHARACTERS = [...Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)), ...'·×±–…−'];

test.each([
  ['Roboto_400Regular.ttf', false],
  ['Roboto_700Bold.ttf', true],
])('the table of advances is that of %s', (file, bold) => {
  const advance = advances(file);
  for (const character of CHARACTERS) {
    expect(robotoWidth(character, 2048, bold), character).toBe(advance(character.charCodeAt(0)));
  }
});

test('width grows with the size and the text', () => {
  expect(robotoWidth('Output tokens / s', 12, true)).toBeCloseTo(2 * robotoWidth('Output tokens / s', 6, true));
  expect(robotoWidth('', 12, false)).toBe(0);
  expect(robotoWidth('模型', 10, false)).toBeGreaterThan(0);
});
