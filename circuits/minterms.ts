/**
 * The minterms of a few booleans: for each pattern of n bits, a combination that is 1 if the bits have that pattern and 0 if not.
 *
 * Cost: 2^n − 1 − n rows and wires, one for each product of two or more of the bits.
 * Sound: each product is forced by a row from a smaller one; a minterm is the sum of the products of all supersets of its ones,
 * with alternating signs (inclusion and exclusion), which holds for booleans. Assumes that the bits are forced into {0, 1}.
 */
import { add, constant, scale, wire, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';

export function mintermRows(bits: number): number {
  return 2 ** bits - 1 - bits;
}

/** The 2^n minterms, by pattern; bit 0 is the least significant. */
export function minterms({ builder }: ConstraintSystem, bits: readonly LinearCombination[]): LinearCombination[] {
  // products[S] is the product of the bits in the set S.
  const products: LinearCombination[] = [constant(1)];
  for (let set = 1; set < 2 ** bits.length; set++) {
    const bit = 31 - Math.clz32(set);
    const rest = set & ~(1 << bit);
    if (rest === 0) {
      products.push(bits[bit] as LinearCombination);
      continue;
    }
    const product = wire(builder.allocate(1));
    builder.enforce(products[rest] as LinearCombination, bits[bit] as LinearCombination, product);
    products.push(product);
  }
  return products.map((_, pattern) => add(...products.flatMap((product, set) => ((set & pattern) === pattern ? [scale(product, countOnes(set ^ pattern) % 2 === 0 ? 1 : -1)] : []))));
}

/** Writes the products; returns the next free wire. */
export function assignMinterms(sink: WitnessSink, first: number, bits: readonly number[]): number {
  let next = first;
  for (let set = 1; set < 2 ** bits.length; set++) {
    if ((set & (set - 1)) !== 0) sink.set(next++, bits.every((bit, i) => bit === 1 || ((set >> i) & 1) === 0) ? 1 : 0);
  }
  return next;
}

function countOnes(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}
