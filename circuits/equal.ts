/**
 * Whether a value is zero: a = b is x = a − b.
 *
 * Statement: e = 1 where x = 0 in the field, e = 0 elsewhere; or the other way round.
 * Cost: 2 rows, 2 wires (one of them full-width).
 * Sound: x · e = 0 makes e = 0 unless x = 0. x · v = 1 − e makes e = 1 where x = 0; elsewhere v is the inverse of x. So e is unique.
 * Assumes: x is an integer far below the field's order, so that zero in the field is zero.
 */
import { constant, subtract, wire, ZERO, type LinearCombination } from '../src/r1cs/linearCombination.js';
import { inverse, modulo, FIELD_PRIME } from '../src/r1cs/field.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';

export const ZERO_TEST_ROWS = 2;

/** Forces e = (x = 0), or with `negated` e = (x ≠ 0), and returns its wire. */
export function constrainZeroTest({ builder }: ConstraintSystem, x: LinearCombination, negated: boolean): LinearCombination {
  const first = builder.allocate(2);
  const result = wire(first);
  const isZero = negated ? subtract(constant(1), result) : result;
  builder.enforce(x, isZero, ZERO);
  builder.enforce(x, wire(first + 1), subtract(constant(1), isZero));
  return result;
}

/** @param prime the order of the field; a small one in the soundness tests. */
export function assignZeroTest(sink: WitnessSink, first: number, x: number, negated: boolean, prime: bigint = FIELD_PRIME): number {
  sink.set(first, (x === 0) !== negated ? 1 : 0);
  if (x === 0) sink.set(first + 1, 0);
  else sink.setWide(first + 1, inverse(modulo(BigInt(x), prime), prime));
  return first + 2;
}
