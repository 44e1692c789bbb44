/**
 * One of two values.
 *
 * Statement: y = a where c = 1, y = b where c = 0.
 * Cost: 1 row, 1 wire.
 * Sound: c · (a − b) = y − b.
 * Assumes: c is 0 or 1.
 */
import { subtract, wire, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { ConstraintSystem } from './constraintSystem.js';

export const SELECT_ROWS = 1;

/** Forces y and returns its wire, which holds the chosen value. */
export function constrainSelect({ builder }: ConstraintSystem, c: LinearCombination, a: LinearCombination, b: LinearCombination): LinearCombination {
  const y = wire(builder.allocate(1));
  builder.enforce(c, subtract(a, b), subtract(y, b));
  return y;
}
