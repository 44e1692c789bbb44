/**
 * A value that the prover brings along: an element of an input.
 *
 * Statement: the wire x is an integer in [lo, hi].
 * Cost: k = ⌈log2(hi − lo + 1)⌉ rows, k wires: 8 and 8 for an 8-bit value.
 * Sound by the range check of x − lo; nothing else is claimed of x.
 */
import { subtract, constant, wire, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignCheck, checkRows } from './range.js';

export interface InputParameters {
  readonly lo: number;
  readonly hi: number;
}

export function inputRows({ lo, hi }: InputParameters): number {
  return checkRows(hi - lo);
}

/** A new wire in [lo, hi]. */
export function constrainInput({ builder, ranges }: ConstraintSystem, { lo, hi }: InputParameters): LinearCombination {
  const x = wire(builder.allocate(1));
  ranges.check(subtract(x, constant(lo)), hi - lo);
  return x;
}

export function assignInput(sink: WitnessSink, first: number, value: number, { lo, hi }: InputParameters): number {
  sink.set(first, value);
  return assignCheck(sink, first + 1, hi - lo, value - lo);
}
