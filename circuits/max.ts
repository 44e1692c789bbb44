/**
 * The maximum, or the minimum, of several values in [lo, hi].
 *
 * Statement: y = max(v_1, …, v_n), by n − 1 maxima of two, as a balanced tree.
 * Cost of one maximum of two: 1 + ⌈log2(hi − lo + 1)⌉ rows (9 for 8-bit values), as many wires.
 * Sound: (y − a)·(y − b) = 0 leaves y ∈ {a, b}, and 2y − a − b ∈ [0, hi − lo] says that it is not the smaller one, because the
 * smaller one makes it −|a − b|, which is no integer in that range unless a = b.
 * For the minimum a + b − 2y takes its place.
 * Assumes that a and b are integers in [lo, hi], in wires of their own (each stands in A and in B); hi − lo below 2^52.
 */
import { add, scale, subtract, wire, ZERO, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignCheck, checkRows } from './range.js';

export interface MaxParameters {
  readonly lo: number;
  readonly hi: number;
  readonly minimum?: boolean;
}

/** Rows of the maximum of `count` values. */
export function maxRows(count: number, { lo, hi }: MaxParameters): number {
  return (count - 1) * (1 + checkRows(hi - lo));
}

/** Forces the maximum of at least one value; of one value it is that value. */
export function constrainMax(cs: ConstraintSystem, values: readonly LinearCombination[], parameters: MaxParameters): LinearCombination {
  return tree(values, (a, b) => {
    const y = wire(cs.builder.allocate(1));
    cs.builder.enforce(subtract(y, a), subtract(y, b), ZERO);
    const doubled = scale(y, 2);
    cs.ranges.check(parameters.minimum === true ? subtract(add(a, b), doubled) : subtract(doubled, add(a, b)), parameters.hi - parameters.lo);
    return y;
  });
}

export function assignMax(sink: WitnessSink, first: number, values: readonly number[], { lo, hi, minimum }: MaxParameters): number {
  let next = first;
  tree(values, (a, b) => {
    const y = minimum === true ? Math.min(a, b) : Math.max(a, b);
    sink.set(next, y);
    next = assignCheck(sink, next + 1, hi - lo, Math.abs(a - b));
    return y;
  });
  return next;
}

/** Combines neighbours until one is left, in an order that depends on the number of values alone. */
function tree<T>(values: readonly T[], combine: (a: T, b: T) => T): T {
  let level = values;
  while (level.length > 1) {
    const next: T[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) next.push(combine(level[i] as T, level[i + 1] as T));
    if (level.length % 2 === 1) next.push(level.at(-1) as T);
    level = next;
  }
  return level[0] as T;
}
