/** docs/security.md: its tables come out of the laboratory itself. */
import { readFile, writeFile } from 'node:fs/promises';
import type { Finding, GadgetRemark } from './experiment.js';
import type { Outcome } from './runLaboratory.js';

const PAGE = 'docs/security.md';

/** Writes the figures of all experiments into the page. */
export async function writeLabPage(outcomes: readonly Outcome[]): Promise<void> {
  const page = await readFile(PAGE, 'utf8');
  await writeFile(PAGE, inserted(inserted(page, 'figures', figures(outcomes)), 'free wires', freeWires(remarksOf(outcomes))));
}

function inserted(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name}: written by npm run lab -- --write -->`, `<!-- end of ${name} -->`];
  const [before, rest] = page.split(start);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has no place for ${name}`);
  return `${before}${start}\n\n${text}\n\n${end}${after}`;
}

function figures(outcomes: readonly Outcome[]): string {
  const lines = outcomes.flatMap(({ experiment, findings }) =>
    findings.map(({ attack, tried, accepted, controls, controlsWon }) => [`\`${experiment.name}\``, attack, count(tried), count(accepted), controls === 0 ? '' : `${count(controlsWon)} of ${count(controls)}`]),
  );
  const { forgeries, accepted } = totals(outcomes);
  return [...markdownTable(['experiment', 'attack', 'tried', 'accepted', 'controls won'], lines, [false, false, true, true, true]), '', `${count(forgeries)} forgeries tried, ${count(accepted)} accepted.`].join('\n');
}

/** What the line at the end of the laboratory says. */
export function totals(outcomes: readonly Outcome[]): { forgeries: number; accepted: number; lost: number } {
  const sum = (of: readonly Outcome[], figure: (finding: Finding) => number): number => of.flatMap(({ findings }) => findings).reduce((total, one) => total + figure(one), 0);
  const attacked = outcomes.filter(({ experiment }) => experiment.forgeries);
  return { forgeries: sum(attacked, ({ tried }) => tried), accepted: sum(attacked, (one) => one.accepted), lost: sum(outcomes, ({ controls, controlsWon }) => controls - controlsWon) };
}

/** What is free or idle in each gadget, and why. */
export function remarksOf(outcomes: readonly Outcome[]): GadgetRemark[] {
  const known = new Map(outcomes.flatMap(({ findings }) => findings.flatMap(({ remarks = [] }) => remarks)).map((remark) => [`${remark.gadget} ${remark.kind} ${remark.reason}`, remark]));
  return [...known.values()].sort((left, right) => left.gadget.localeCompare(right.gadget) || left.kind.localeCompare(right.kind));
}

const REMARKS = { free: 'wires with several values', idle: 'rows that add nothing', determined: 'none' } as const;

/** A line for each gadget and reason. */
export function remarkRows(remarks: readonly GadgetRemark[]): string[][] {
  return remarks.map(({ gadget, kind, reason }) => [gadget, REMARKS[kind], reason]);
}

function freeWires(remarks: readonly GadgetRemark[]): string {
  return markdownTable(['gadget', 'what', 'why it may be so'], remarkRows(remarks).map(([gadget, ...rest]) => [`\`${gadget as string}\``, ...rest]), [false, false, false]).join('\n');
}

function markdownTable(head: readonly string[], lines: readonly (readonly string[])[], right: readonly boolean[]): string[] {
  const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [row(head), row(right.map((each) => (each ? '---:' : '---'))), ...lines.map(row)];
}

function count(value: number): string {
  return value.toLocaleString('en');
}
