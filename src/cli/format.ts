/** Text for people. */
import type { CommitmentTexts, IntegerTensor } from '../artifacts/index.js';

/** `1,234,567`. */
export function count(value: number | bigint): string {
  return value.toLocaleString('en');
}

/** `1 input`, `1,234 inputs`. */
export function counted(value: number, what: string): string {
  return `${count(value)} ${what}${value === 1 ? '' : 's'}`;
}

/** `4.2 MB`. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let size = value;
  let unit = 0;
  for (; size >= 1000 && unit < units.length - 1; unit++) size /= 1000;
  return `${unit === 0 ? size : size.toFixed(1)} ${units[unit] ?? ''}`;
}

/** `12.3 ms`, `4.56 s`, `12 min`, `3.5 h`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
  if (ms < 120_000) return `${(ms / 1000).toFixed(2)} s`;
  return ms < 7_200_000 ? `${(ms / 60_000).toFixed(0)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}

/** Elements of a tensor, not too many of them. */
export function elements(data: readonly number[], digits?: number): string {
  const shown = data.slice(0, 16).map((value) => (digits === undefined ? String(value) : String(Number(value.toPrecision(digits)))));
  return `[${shown.join(', ')}${data.length > shown.length ? `, … ${count(data.length)} in all` : ''}]`;
}

/** Name, type and shape of a tensor: `input uint8 [1, 1, 8, 8]`. */
export function edge({ name, type, shape }: { readonly name: string; readonly type: string; readonly shape: readonly (number | string)[] }): string {
  return `${name} ${type} [${shape.join(', ')}]`;
}

/** The proven outputs, with the model's float outputs under them. */
export function outputLines({ outputs, floats }: { readonly outputs: Readonly<Record<string, IntegerTensor>>; readonly floats: Readonly<Record<string, { readonly data: readonly number[] }>> }): string[] {
  return [
    ...Object.entries(outputs).map(([name, { type, data }]) => `${name} (${type}, proven)  ${elements(data)}`),
    ...Object.entries(floats).map(([name, { data }]) => `${name} (float, from it)  ${elements(data, 6)}`),
  ];
}

/** The commitments of a proof. */
export function commitmentLines({ commitments }: { readonly commitments: CommitmentTexts }): string[] {
  return Object.entries(commitments).map(([part, commitment]) => `commitment of the ${part}  ${commitment}`);
}
