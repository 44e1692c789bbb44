/**
 * The bits of an integer in two's complement.
 *
 * Statement: x = Σ 2^i · b_i, where the highest weight is −2^(k − 1) for a signed x; all b_i are 0 or 1.
 * Cost: k + 1 rows, k wires, for k bits.
 * Sound: each bit is forced by its own row, the sum by one more; the weights give each integer one pattern of bits, and 2^k is far
 * below the field's order.
 * Assumes: x is an integer in [0, 2^k − 1], or [−2^(k − 1), 2^(k − 1) − 1]; k at most 53.
 */
import { add, scale, subtract, ZERO, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';

export interface BitsParameters {
  readonly width: number;
  readonly signed: boolean;
}

/** The weight of each bit, least first. */
export function bitWeights({ width, signed }: BitsParameters): number[] {
  return Array.from({ length: width }, (_, bit) => (signed && bit === width - 1 ? -(2 ** bit) : 2 ** bit));
}

export function bitsRows({ width }: BitsParameters): number {
  return width + 1;
}

/** Forces the bits and returns their wires, least first. */
export function constrainBits({ builder, ranges }: ConstraintSystem, x: LinearCombination, parameters: BitsParameters): LinearCombination[] {
  const bits = bitWeights(parameters).map(() => ranges.fresh(1));
  const sum = add(...bits.map((bit, i) => scale(bit, bitWeights(parameters)[i] as number)), ZERO);
  builder.enforceZero(subtract(x, sum));
  return bits;
}

export function assignBits(sink: WitnessSink, first: number, x: number, { width }: BitsParameters): number {
  for (let bit = 0; bit < width; bit++) sink.set(first + bit, Math.abs(Math.floor(x / 2 ** bit) % 2));
  return first + width;
}
