/**
 * The index of the largest of n values in [lo, hi]; of equal ones the first, or the last.
 *
 * Statement: y = min { i : v_i = max v } (or max { … }); with `minimum`, of the smallest value.
 * Cost: n · (k + 2) − 1 rows, k = ⌈log2(hi − lo + 1)⌉; n · k wires. Nothing for n = 1.
 * Sound: Σ s_i = 1 by definition of one selector, the first (the last, for the last of equal ones), and the others are forced into
 * {0, 1}. s_i · (M − v_i) = 0 makes M = v_i wherever s_i ≠ 0. M − v_i − Σ later s_j ∈ [0, hi − lo] (earlier ones, for the last).
 *   If the defined selector is 0, exactly one other is 1. If it is not, M = v_0 and −Σ later s_j = s_0 − 1 is in the range, so s_0 ≥ 1;
 *   the others are not negative, so s_0 = 1 and they are 0. So exactly one selector is 1, at y, and M = v_y. Then the ranges say that
 *   no value is larger than v_y, and that those before y (after y, for the last) are smaller. Exactly one y meets all of that.
 * Assumes that the v_i are integers in [lo, hi]; hi − lo below 2^52.
 */
import { add, constant, scale, subtract, wire, ZERO, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignCheck, assignFresh, checkRows } from './range.js';

export interface ArgmaxParameters {
  readonly lo: number;
  readonly hi: number;
  readonly selectLast: boolean;
  /** The index of the smallest value instead. */
  readonly minimum: boolean;
}

export function argmaxRows(count: number, { lo, hi }: ArgmaxParameters): number {
  return count === 1 ? 0 : count * (2 + checkRows(hi - lo)) - 1;
}

/** Forces the index and returns it as a combination of the selectors. */
export function constrainArgmax(cs: ConstraintSystem, values: readonly LinearCombination[], { lo, hi, selectLast, minimum }: ArgmaxParameters): LinearCombination {
  const { builder, ranges } = cs;
  if (values.length === 1) return ZERO;
  const signed = minimum ? values.map((value) => scale(value, -1)) : values;
  const most = wire(builder.allocate(1));
  const others = signed.slice(1).map(() => ranges.fresh(1));
  const defined = subtract(constant(1), add(...others, ZERO));
  const selectors = selectLast ? [...others, defined] : [defined, ...others];
  signed.forEach((value, i) => {
    const difference = subtract(most, value);
    builder.enforce(selectors[i] as LinearCombination, difference, ZERO);
    // 1 where the chosen index comes later (earlier), so that value i must be smaller.
    const strict = selectLast ? selectors.slice(0, i) : selectors.slice(i + 1);
    ranges.check(subtract(difference, add(...strict, ZERO)), hi - lo);
  });
  return add(...selectors.map((selector, i) => scale(selector, i)));
}

export function assignArgmax(sink: WitnessSink, first: number, values: readonly number[], { lo, hi, selectLast, minimum }: ArgmaxParameters): number {
  if (values.length === 1) return first;
  const signed = minimum ? values.map((value) => -value) : values;
  const most = Math.max(...signed);
  const chosen = selectLast ? signed.lastIndexOf(most) : signed.indexOf(most);
  sink.set(first, most);
  let next = first + 1;
  for (let i = selectLast ? 0 : 1; i < signed.length - (selectLast ? 1 : 0); i++) next = assignFresh(sink, next, 1, i === chosen ? 1 : 0);
  signed.forEach((value, i) => {
    const strict = selectLast ? i > chosen : i < chosen;
    next = assignCheck(sink, next, hi - lo, most - value - (strict ? 1 : 0));
  });
  return next;
}
