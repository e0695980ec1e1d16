/** `15,018`, `751`, `7.34`, `0.0843`: three significant digits, whole numbers from a thousand on. */
export function readable(value: number): string {
  const options = Math.abs(value) >= 999.5 ? WHOLE : THREE_DIGITS;
  return options.format(value);
}

/** A spread next to its number needs less: `±120`, `±0.31`. */
export function readableSpread(value: number): string {
  return (Math.abs(value) >= 99.5 ? WHOLE : TWO_DIGITS).format(value);
}

const WHOLE = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const THREE_DIGITS = new Intl.NumberFormat('en-US', { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
const TWO_DIGITS = new Intl.NumberFormat('en-US', { minimumSignificantDigits: 2, maximumSignificantDigits: 2 });
