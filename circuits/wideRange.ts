/**
 * A range check beyond the 52 bits of range.ts: a value is an integer in [0, 2^k − 1].
 *
 * Cost: k rows, k − 1 wires.
 * Sound: as in range.ts, each bit is forced into {0, 1} by its own row, and the first one is the value minus the others.
 * 2^k and every difference of a checked value to [0, 2^k − 1] must stay below the field's order.
 */
import { subtract, constant, ZERO, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';

/** Forces a combination into [0, 2^bits − 1]; at least one bit. */
export function constrainWide({ builder, ranges }: ConstraintSystem, value: LinearCombination, bits: number): void {
  const others = ranges.booleans(bits - 1);
  const first = subtract(value, { wires: others, coefficients: others.map((_, index) => 2n ** BigInt(index + 1)) });
  builder.enforce(first, subtract(first, constant(1)), ZERO);
}

/** Writes the bits but the first; returns the next free wire. */
export function assignWide(sink: WitnessSink, first: number, value: bigint, bits: number): number {
  for (let bit = 1; bit < bits; bit++) sink.set(first + bit - 1, Number((value >> BigInt(bit)) & 1n));
  return first + bits - 1;
}

/** How many bits a value has. */
export function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}
