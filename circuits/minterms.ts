/**
 * The minterms of a few booleans: for each pattern of n bits, a combination that is 1 if the bits have that pattern and 0 if not.
 *
 * Cost: 2^n − 1 − n rows and wires, one for each product of two or more of the bits.
 * Sound: each product is forced by a row from a smaller one; a minterm is the sum of the products of all supersets of its ones,
 * with alternating signs (inclusion and exclusion), which holds for booleans. Assumes that the bits are forced into {0, 1}.
 */
import { add, coefficient, constant, scale, wire, type Coefficient, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';

export function mintermRows(bits: number): number {
  return 2 ** bits - 1 - bits;
}

/** The 2^n minterms, by pattern; bit 0 is the least significant. */
export function minterms(cs: ConstraintSystem, bits: readonly LinearCombination[]): LinearCombination[] {
  const products = bitProducts(cs, bits);
  return products.map((_, pattern) => add(...products.flatMap((product, set) => ((set & pattern) === pattern ? [scale(product, countOnes(set ^ pattern) % 2 === 0 ? 1 : -1)] : []))));
}

/**
 * Σ values[pattern] · minterm(pattern), as at most 2^n terms: products[S] has the coefficient Σ over the subsets T of S of
 * (−1)^|S∖T| · values[T], which one pass over each bit computes.
 */
export function mintermSum(products: readonly LinearCombination[], values: ArrayLike<Coefficient>): LinearCombination {
  const factors: Coefficient[] = Array.from(products, (_, pattern) => coefficient(values[pattern] ?? 0));
  for (let bit = 1; bit < products.length; bit *= 2) {
    for (let set = 0; set < products.length; set++) if ((set & bit) !== 0) factors[set] = difference(factors[set] as Coefficient, factors[set ^ bit] as Coefficient);
  }
  return add(...products.map((product, set) => scale(product, factors[set] as Coefficient)), constant(0));
}

function difference(left: Coefficient, right: Coefficient): Coefficient {
  return typeof left === 'number' && typeof right === 'number' && Number.isSafeInteger(left - right) ? left - right : coefficient(BigInt(left) - BigInt(right));
}

/** The product of the bits of every set, a wire for each set of two or more. */
export function bitProducts({ builder }: ConstraintSystem, bits: readonly LinearCombination[]): LinearCombination[] {
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
  return products;
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
