/**
 * Advance widths of the bundled Roboto in units of 1/2048 of the font size, characters 32 (space) to 126 (tilde), read
 * from the tables `cmap` and `hmtx` of assets/fonts/*.ttf; test/render/roboto-width.test.ts reads them again.
 */
// biome-ignore format: a table of numbers
const ADVANCES = {
  regular: [
    508, 528, 656, 1261, 1151, 1500, 1274, 358, 701, 713, 882, 1162, 403, 566, 540, 845, 1151, 1151, 1151, 1151,
    1151, 1151, 1151, 1151, 1151, 1151, 496, 433, 1041, 1124, 1071, 968, 1839, 1336, 1276, 1333, 1344, 1164, 1132, 1395,
    1461, 557, 1130, 1285, 1103, 1788, 1461, 1409, 1292, 1409, 1262, 1216, 1222, 1328, 1304, 1817, 1284, 1230, 1227, 543,
    841, 543, 856, 924, 633, 1114, 1150, 1072, 1155, 1086, 712, 1150, 1128, 498, 490, 1038, 498, 1796, 1131, 1168,
    1150, 1164, 694, 1057, 670, 1129, 992, 1539, 1016, 969, 1016, 693, 500, 693, 1393,
  ],
  bold: [
    509, 554, 652, 1213, 1175, 1514, 1347, 330, 716, 719, 930, 1116, 504, 807, 594, 760, 1175, 1175, 1175, 1175,
    1175, 1175, 1175, 1175, 1175, 1175, 577, 539, 1044, 1175, 1057, 1019, 1836, 1376, 1307, 1340, 1331, 1152, 1124, 1396,
    1446, 599, 1144, 1302, 1108, 1793, 1445, 1412, 1320, 1412, 1312, 1261, 1269, 1350, 1338, 1792, 1300, 1268, 1243, 567,
    863, 567, 897, 911, 676, 1096, 1152, 1067, 1153, 1106, 733, 1170, 1147, 542, 533, 1094, 542, 1774, 1148, 1156,
    1152, 1155, 750, 1052, 693, 1147, 1037, 1504, 1042, 1031, 1042, 675, 516, 675, 1327,
  ],
} as const;

/** What a chart uses beyond ASCII, regular and bold. */
const OTHERS: Readonly<Record<string, readonly [regular: number, bold: number]>> = {
  '·': [535, 618],
  '×': [1093, 1087],
  '±': [1095, 1100],
  '–': [1344, 1291],
  '…': [1370, 1517],
  '−': [1171, 1136],
};

/** For a character that is in neither table: wide enough for most. */
const UNKNOWN = 1200;

/** Width in px of a line of text in Roboto; kerning, which is small, is left out. */
export function robotoWidth(text: string, fontSizePx: number, bold: boolean): number {
  let units = 0;
  for (const character of text) units += advance(character, bold);
  return (units * fontSizePx) / 2048;
}

function advance(character: string, bold: boolean): number {
  const ascii = (bold ? ADVANCES.bold : ADVANCES.regular)[character.charCodeAt(0) - 32];
  return ascii ?? OTHERS[character]?.[bold ? 1 : 0] ?? UNKNOWN;
}
