/** Numbers as people read them, on the page and in the terminal. */

/** `34.1 dB`; a dash where there is no error, or nothing to compare it with. */
export function decibelText(value: number | null): string {
  return value === null ? '–' : `${value.toFixed(1)} dB`;
}

/** `98.33 %`. */
export function percentText(share: number, digits = 2): string {
  return `${(100 * share).toFixed(digits)} %`;
}

/** Three significant digits. */
export function numberText(value: number): string {
  return value === 0 ? '0' : Math.abs(value) >= 1000 || Math.abs(value) < 0.001 ? value.toExponential(2) : String(Number(value.toPrecision(3)));
}

/** `−0.28 points`. */
export function pointsText(points: number): string {
  const rounded = points.toFixed(2);
  return `${Number(rounded) > 0 ? '+' : ''}${Number(rounded) === 0 ? '0.00' : rounded} points`.replace('-', '−');
}

/** `33.4 kB`. */
export function bytesText(bytes: number): string {
  const [size, unit] = bytes < 1e3 ? [String(bytes), 'B'] : bytes < 1e6 ? [(bytes / 1e3).toFixed(1), 'kB'] : bytes < 1e9 ? [(bytes / 1e6).toFixed(1), 'MB'] : [(bytes / 1e9).toFixed(2), 'GB'];
  return `${size} ${unit}`;
}
