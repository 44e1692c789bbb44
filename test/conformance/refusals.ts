/**
 * The node tests that zkonnx refuses, and why. Reviewed by hand: a refusal that no line here names, or with another code, fails the
 * run; so does a line whose case proves by now.
 */
import type { ErrorCode } from '../../src/errors/index.js';
import { RULES } from './refusalRules.js';
import type { CaseOutcome } from './verdict.js';

export interface RefusalRule {
  readonly code: ErrorCode;
  /** One line: why these cases cannot be proven, or not yet. */
  readonly reason: string;
  /** Names without `test_`; `*` stands for any characters. */
  readonly cases: readonly string[];
}

/** The outcome as the list sees it. */
export function judge(outcome: CaseOutcome, rules: readonly RefusalRule[] = RULES): CaseOutcome {
  const fitting = rules.filter(({ cases }) => cases.some((pattern) => matches(pattern, outcome.name)));
  const rule = fitting.find(({ code }) => code === outcome.code) ?? fitting[0];
  const failed = (message: string): CaseOutcome => ({ name: outcome.name, ops: outcome.ops, kind: outcome.kind, verdict: 'failed', message });
  if (outcome.verdict === 'proven' && rule !== undefined) return failed(`it proves, but refusals list it (${rule.reason}): remove the line`);
  if (outcome.verdict !== 'refused') return outcome;
  if (rule === undefined) return failed(`refused with ${outcome.code ?? ''}, which no line of the refusals names: ${outcome.message ?? ''}`);
  if (rule.code !== outcome.code) return failed(`refused with ${outcome.code ?? ''} instead of ${rule.code}: ${outcome.message ?? ''}`);
  return { ...outcome, reason: rule.reason };
}

/** Patterns that match no case. */
export function unusedRules(names: readonly string[], rules: readonly RefusalRule[] = RULES): string[] {
  return rules.flatMap(({ cases }) => cases).filter((pattern) => !names.some((name) => matches(pattern, name)));
}

function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^test_${parts.join('.*')}$`).test(name);
}
