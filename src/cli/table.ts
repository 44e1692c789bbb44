/** Tables for people: no frames, flush columns, as wide as the terminal at most. */

export interface TableParameters {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns that are set flush right. */
  readonly numbers?: readonly number[];
  /** Columns of the terminal; default: as wide as need be. */
  readonly width?: number;
  /** Columns that may be shortened: names in the middle, sentences at the end. */
  readonly shorten?: Readonly<Record<number, 'middle' | 'end'>>;
  /** Columns that are left out where shortening does not suffice, the first one first. */
  readonly drop?: readonly number[];
}

/** Between two columns. */
const GAP = 2;
/** A shortened column keeps this much. */
const LEAST = 16;

/** A table without frames, of at most `width` columns if leaving out and shortening can do it. */
export async function table({ head, rows, numbers = [], width = Infinity, shorten = {}, drop = [] }: TableParameters): Promise<string> {
  const { default: Table } = await import('cli-table3');
  const lengths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  const least = (column: number): number => (column in shorten ? Math.min(LEAST, lengths[column] as number) : (lengths[column] as number));
  let columns = head.map((_, column) => column);
  for (const column of drop) {
    if (sum(columns.map(least)) + GAP * (columns.length - 1) <= width) break;
    columns = columns.filter((each) => each !== column);
  }
  const widths = spread({ columns, lengths, least, room: width - GAP * (columns.length - 1), shorten });
  const fitted = (cells: readonly string[]): string[] => columns.map((column, index) => shortened(cells[column] ?? '', widths[index] as number, shorten[column] ?? 'end'));
  const none = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: ' '.repeat(GAP) };
  const result = new Table({ head: fitted(head), chars: none, colAligns: columns.map((column) => (numbers.includes(column) ? 'right' : 'left')), style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 } });
  for (const row of rows) result.push(fitted(row));
  return result
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Each column as wide as it wants to be; if that is too much, those that can be shortened share what is left, the earlier ones first. */
function spread({ columns, lengths, least, room, shorten }: { readonly columns: readonly number[]; readonly lengths: readonly number[]; readonly least: (column: number) => number; readonly room: number; readonly shorten: TableParameters['shorten'] }): number[] {
  let left = room - sum(columns.map(least));
  return columns.map((column) => {
    if (shorten === undefined || !(column in shorten)) return lengths[column] as number;
    const more = Math.min(Math.max(0, left), (lengths[column] as number) - least(column));
    left -= more;
    return least(column) + more;
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A text of at most `width` characters; `…` stands for what is left out. */
export function shortened(text: string, width: number, where: 'middle' | 'end'): string {
  if (text.length <= width) return text;
  if (where === 'end') return `${text.slice(0, width - 1)}…`;
  const tail = Math.ceil((width - 1) / 2);
  return `${text.slice(0, width - 1 - tail)}…${text.slice(text.length - tail)}`;
}
