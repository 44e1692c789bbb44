/** The result of a whole run, as committed for docs/operators.md. */
import type { CaseOutcome } from './verdict.js';

export const SUMMARY_PATH = 'test/conformance/summary.json';

export interface ConformanceSummary {
  readonly proven: { readonly 'integer and quantized': number; readonly wrapped: number };
  readonly refused: { readonly 'integer and quantized': number; readonly wrapped: number };
  /** Proven cases of integers and quantized tensors, by an operator of the case. */
  readonly integerOperators: Readonly<Record<string, number>>;
  /** Proven wrapped cases, by an operator of the case: it stands between DequantizeLinear and QuantizeLinear. */
  readonly wrappedOperators: Readonly<Record<string, number>>;
  /** Proven cases by an operator of the canonical graph, which is what the circuit computes. */
  readonly canonicalOperators: Readonly<Record<string, number>>;
  /** Refused cases by reason, with the error code. */
  readonly reasons: readonly { readonly reason: string; readonly code: string; readonly cases: number }[];
}

/** As text: the same run always gives the same bytes. */
export function summaryOf(outcomes: readonly CaseOutcome[]): string {
  const proven = outcomes.filter(({ verdict }) => verdict === 'proven');
  const count = (verdict: CaseOutcome['verdict'], kind: CaseOutcome['kind']) => outcomes.filter((outcome) => outcome.verdict === verdict && outcome.kind === kind).length;
  const both = (verdict: CaseOutcome['verdict']) => ({ 'integer and quantized': count(verdict, 'integer and quantized'), wrapped: count(verdict, 'wrapped') });
  const summary: ConformanceSummary = {
    proven: both('proven'),
    refused: both('refused'),
    integerOperators: tally(proven.filter(({ kind }) => kind !== 'wrapped').map(({ ops }) => ops)),
    wrappedOperators: tally(proven.filter(({ kind }) => kind === 'wrapped').map(({ ops }) => ops)),
    canonicalOperators: tally(proven.map(({ proof }) => proof?.operators ?? [])),
    reasons: reasonsOf(outcomes),
  };
  return `${JSON.stringify(summary, undefined, 2)}\n`;
}

function tally(lists: readonly (readonly string[])[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const list of lists) for (const name of new Set(list)) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function reasonsOf(outcomes: readonly CaseOutcome[]): ConformanceSummary['reasons'] {
  const counts = new Map<string, { reason: string; code: string; cases: number }>();
  for (const { verdict, reason = '', code = '' } of outcomes) {
    if (verdict !== 'refused') continue;
    const entry = counts.get(`${code} ${reason}`) ?? { reason, code, cases: 0 };
    entry.cases++;
    counts.set(`${code} ${reason}`, entry);
  }
  return [...counts.values()].sort((a, b) => b.cases - a.cases || (a.reason < b.reason ? -1 : 1));
}
