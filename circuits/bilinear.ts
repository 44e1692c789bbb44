/**
 * One product of two values, with linear terms, brought into the range of its type.
 *
 * Statement: y ≡ p·a·b + l·a + r·b + c, y in its range (fit.ts says which y).
 * Cost: one row beside those of the range. A product, AND (1, 0, 0, 0), OR (−1, 1, 1, 0), XOR (−2, 1, 1, 0) of booleans: one row.
 * Sound: the row p·a · b = t − l·a − r·b − c forces t, and fit.ts ties y to t.
 * Assumes: the value is an integer far below the field's order, by the interval of the program.
 */
import { constant, scale, subtract, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { constrainFitted, fitRows, type FitParameters } from './fit.js';

export interface BilinearParameters {
  readonly product: number;
  readonly left: number;
  readonly right: number;
  readonly constant: number;
  readonly fit: FitParameters;
}

export function bilinearRows({ fit }: BilinearParameters): number {
  return 1 + fitRows(fit);
}

/** Forces y and returns its wire. Its wires are written by assignFitted. */
export function constrainBilinear(cs: ConstraintSystem, a: LinearCombination, b: LinearCombination, parameters: BilinearParameters): LinearCombination {
  const { product, left, right, fit } = parameters;
  const { y, t } = constrainFitted(cs, fit);
  const linear = subtract(subtract(t, scale(a, left)), scale(b, right));
  cs.builder.enforce(scale(a, product), b, subtract(linear, constant(parameters.constant)));
  return y;
}
