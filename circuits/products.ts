/**
 * A sum of products of pairs of values.
 *
 * Statement: y = Σ_k left_k · right_k.
 * Cost: one row and one wire for each pair.
 * Sound: every product but the last has a wire forced by its row; the last row, left · right = y − Σ others, forces y.
 * Assumes nothing of the values; the intervals of the program keep y an integer far below the field's order.
 */
import { add, constant, subtract, wire, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';

export function productsRows(pairs: number): number {
  return pairs;
}

/** Forces y, a wire of its own. At least one pair. */
export function constrainProducts({ builder }: ConstraintSystem, pairs: readonly (readonly [LinearCombination, LinearCombination])[]): LinearCombination {
  const first = builder.allocate(pairs.length);
  const y = wire(first);
  const others = pairs.slice(1).map((_, k) => wire(first + 1 + k));
  pairs.forEach(([left, right], k) => builder.enforce(left, right, k === 0 ? subtract(y, add(...others, constant(0))) : (others[k - 1] as LinearCombination)));
  return y;
}

/** Writes the wires, given the product of each pair; returns the next free wire. */
export function assignProducts(sink: WitnessSink, first: number, products: readonly number[]): number {
  sink.set(first, products.reduce((sum, product) => sum + product, 0));
  products.slice(1).forEach((product, k) => sink.set(first + 1 + k, product));
  return first + products.length;
}
