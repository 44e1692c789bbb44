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
import { rangeBits } from './range.js';
import { assignLookUp, assignSplitIndex, lookUpRows, splitIndex, splitIndexRows, tableRow } from './splitIndex.js';

export interface TableParameters {
  readonly lo: number;
  /** At least two entries. */
  readonly values: Float64Array;
}

export function tableRows({ values }: TableParameters): number {
  const bits = rangeBits(values.length - 1);
  return bits + 1 + splitIndexRows(bits) + lookUpRows(bits);
}

export function constrainTable(cs: ConstraintSystem, x: LinearCombination, { lo, values }: TableParameters): LinearCombination {
  const { builder, ranges } = cs;
  const bits = Array.from({ length: rangeBits(values.length - 1) }, () => ranges.fresh(1));
  builder.enforceZero(subtract(subtract(x, constant(lo)), add(...bits.map((bit, i) => scale(bit, 2 ** i)))));
  const index = splitIndex(cs, bits);
  const y = wire(builder.allocate(1));
  const products: LinearCombination[] = [];
  // Unlike in lookUp, the last row forces the entry itself: no wire for its product.
  index.high.forEach((minterm, row) => {
    const last = row === index.high.length - 1;
    const product = last ? subtract(y, add(...products, constant(0))) : wire(builder.allocate(1));
    builder.enforce(minterm, tableRow(index, values, row), product);
    products.push(product);
  });
  return y;
}

export function assignTable(sink: WitnessSink, first: number, x: number, { lo, values }: TableParameters): number {
  const index = x - lo;
  const bits = Array.from({ length: rangeBits(values.length - 1) }, (_, i) => (index >> i) & 1);
  bits.forEach((bit, i) => sink.set(first + i, bit));
  const next = assignSplitIndex(sink, first + bits.length, bits);
  const entry = values[index] as number;
  sink.set(next, entry);
  return assignLookUp(sink, next + 1, { bits: bits.length, index, entry, left: 1 });
}
