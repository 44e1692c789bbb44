/**
 * The index of the largest of n values in [lo, hi]; of equal ones the first, or the last.
 *
 * Statement: y = min { i : v_i = max v } (or max { … }); with `minimum`, of the smallest value.
 * Cost: n · (k + 2) rows, k = ⌈log2(hi − lo + 1)⌉; n · k wires.
 * Sound: the selectors s_1 … s_n are booleans and the last is defined as 1 minus the others, so exactly one is 1, at y.
 * s_i · (M − v_i) = 0 makes M = v_y. M − v_i ∈ [0, hi − lo] says that no value is larger; for every i before y (after y, for the
 * last) M − v_i − 1 ∈ [0, hi − lo] says that it is smaller. Exactly one y meets all of that.
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
  return count * (2 + checkRows(hi - lo));
}

/** Forces the index and returns it as a combination of the selectors. */
export function constrainArgmax(cs: ConstraintSystem, values: readonly LinearCombination[], { lo, hi, selectLast, minimum }: ArgmaxParameters): LinearCombination {
  const { builder, ranges } = cs;
  const signed = minimum ? values.map((value) => scale(value, -1)) : values;
  const most = wire(builder.allocate(1));
  const selectors: LinearCombination[] = signed.slice(1).map(() => ranges.fresh(1));
  const last = subtract(constant(1), add(...selectors, ZERO));
  ranges.check(last, 1);
  selectors.push(last);
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
  const signed = minimum ? values.map((value) => -value) : values;
  const most = Math.max(...signed);
  const chosen = selectLast ? signed.lastIndexOf(most) : signed.indexOf(most);
  sink.set(first, most);
  let next = first + 1;
  for (let i = 0; i + 1 < signed.length; i++) next = assignFresh(sink, next, 1, i === chosen ? 1 : 0);
  signed.forEach((value, i) => {
    const strict = selectLast ? i > chosen : i < chosen;
    next = assignCheck(sink, next, hi - lo, most - value - (strict ? 1 : 0));
  });
  return next;
}
