/**
 * Any function of a small integer: y = values[x − lo].
 *
 * Statement: x − lo = Σ 2^i · b_i, and y is the entry that these bits name.
 * Cost with k = ⌈log2 n⌉ bits for n entries: k + 1 rows for the bits, 2^h − 1 − h rows for the products within each half of h bits,
 * one row for each minterm of the high half: 47 rows for 256 entries.
 * Sound: the bits are forced into {0, 1} and add up to x − lo, so they are its binary digits. In each half exactly one minterm is
 * 1. y = Σ_i high_i · (Σ_j values[i, j] · low_j), where every product but the last has a wire forced by its row, and the last
 * row forces y itself. Patterns beyond the last entry cannot occur, because x is an integer in [lo, lo + n − 1].
 * Assumes just that of x.
 */
import { add, constant, scale, subtract, wire, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignMinterms, bitProducts, minterms, mintermRows, mintermSum } from './minterms.js';
import { rangeBits } from './range.js';

export interface TableParameters {
  readonly lo: number;
  /** At least two entries. */
  readonly values: Float64Array;
}

function halves({ values }: TableParameters): { bits: number; lowBits: number; highBits: number } {
  const bits = rangeBits(values.length - 1);
  return { bits, lowBits: bits - (bits >> 1), highBits: bits >> 1 };
}

export function tableRows(parameters: TableParameters): number {
  const { bits, lowBits, highBits } = halves(parameters);
  return bits + 1 + mintermRows(lowBits) + mintermRows(highBits) + 2 ** highBits;
}

export function constrainTable(cs: ConstraintSystem, x: LinearCombination, parameters: TableParameters): LinearCombination {
  const { builder, ranges } = cs;
  const { lo, values } = parameters;
  const { bits: count, lowBits } = halves(parameters);
  const bits = Array.from({ length: count }, () => ranges.fresh(1));
  builder.enforceZero(subtract(subtract(x, constant(lo)), add(...bits.map((bit, i) => scale(bit, 2 ** i)))));
  const low = bitProducts(cs, bits.slice(0, lowBits));
  const high = minterms(cs, bits.slice(lowBits));
  const y = wire(builder.allocate(1));
  const products: LinearCombination[] = [];
  high.forEach((minterm, i) => {
    const entries = mintermSum(low, values.subarray(i * low.length, (i + 1) * low.length));
    const last = i === high.length - 1;
    const product = last ? subtract(y, add(...products, constant(0))) : wire(builder.allocate(1));
    builder.enforce(minterm, entries, product);
    products.push(product);
  });
  return y;
}

export function assignTable(sink: WitnessSink, first: number, x: number, parameters: TableParameters): number {
  const { lo, values } = parameters;
  const { bits: count, lowBits, highBits } = halves(parameters);
  const index = x - lo;
  const bits = Array.from({ length: count }, (_, i) => Math.floor(index / 2 ** i) % 2);
  bits.forEach((bit, i) => sink.set(first + i, bit));
  let next = assignMinterms(sink, first + count, bits.slice(0, lowBits));
  next = assignMinterms(sink, next, bits.slice(lowBits));
  const y = values[index] as number;
  sink.set(next++, y);
  for (let i = 0; i < 2 ** highBits - 1; i++) sink.set(next++, i === index >> lowBits ? y : 0);
  return next;
}
