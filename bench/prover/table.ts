/** The table of the prover's benchmark: printed row by row, then whole, and written into the pages that show it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

export interface Row {
  readonly measure: string;
  readonly value: string;
  readonly peer?: string;
  readonly ratio?: string;
  readonly bar: string;
  /** Undefined where the bar is not for this machine. */
  readonly met: boolean | undefined;
}

const verdict = (met: boolean | undefined): string => (met === undefined ? '' : met ? 'yes' : 'no');

export function printRow({ measure, value, peer, ratio, bar, met }: Row): void {
  console.log([`${measure}: ${value}`, peer && `peer ${peer}`, ratio, bar && `bar ${bar}`, met === undefined ? undefined : met ? 'met' : 'MISSED'].filter(Boolean).join('; '));
}

export function markdown(rows: readonly Row[]): string {
  return [
    '| measure | native | peer | ratio | bar | met |',
    '|---|---|---|---|---|---|',
    ...rows.map(({ measure, value, peer = '', ratio = '', bar, met }) => `| ${measure} | ${value} | ${peer} | ${ratio} | ${bar} | ${verdict(met)} |`),
  ].join('\n');
}

/** Replaces what is between the markers of the prover's figures, where a page has them. */
export function writeInto(page: string, text: string): void {
  if (!existsSync(page)) return;
  const before = readFileSync(page, 'utf8');
  const after = before.replace(/(<!-- prover figures[^>]*-->\n)[^]*?(<!-- end of prover figures -->)/, (_, open: string, close: string) => `${open}${text}${close}`);
  if (after !== before) writeFileSync(page, after);
}
