/**
 * Whether an integer x ∈ [lo, hi] is not negative: a ≤ b is x = b − a, a < b is x = b − a − 1.
 *
 * Statement: s = 1 where x ≥ 0, s = 0 where x < 0.
 * Cost: 1 + ⌈log2 M⌉ rows and wires, M = max(−lo, hi + 1): 9 for two 8-bit values, 33 for two 32-bit ones.
 * Sound: s is forced into {0, 1} and r = x + M − M·s into [0, M − 1]. For s = 1, r = x says 0 ≤ x; for s = 0, r = x + M ≤ M − 1 says
 * x < 0. So s is unique. M ≥ 1, and lo ≥ −M and hi ≤ M − 1 make a witness exist for each x.
 * Assumes: x is an integer in [lo, hi], |x| below 2^53.
 */
import { add, constant, scale, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignCheck, assignFresh, checkRows } from './range.js';

export interface NotNegativeParameters {
  readonly lo: number;
  readonly hi: number;
}

/** M of the gadget. */
function modulus({ lo, hi }: NotNegativeParameters): number {
  return Math.max(-lo, hi + 1, 1);
}

export function notNegativeRows(parameters: NotNegativeParameters): number {
  return 1 + checkRows(modulus(parameters) - 1);
}

/** Forces s and returns its wire. */
export function constrainNotNegative({ ranges }: ConstraintSystem, x: LinearCombination, parameters: NotNegativeParameters): LinearCombination {
  const m = modulus(parameters);
  const s = ranges.fresh(1);
  ranges.check(add(x, constant(m), scale(s, -m)), m - 1);
  return s;
}

export function assignNotNegative(sink: WitnessSink, first: number, x: number, parameters: NotNegativeParameters): number {
  const m = modulus(parameters);
  const s = x >= 0 ? 1 : 0;
  return assignCheck(sink, assignFresh(sink, first, 1, s), m - 1, x + m - m * s);
}
