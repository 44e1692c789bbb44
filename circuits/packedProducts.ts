/**
 * Sums of products by private weights, several sums at a time: the weights of n sums stand in one field element, each in a field of
 * `stride` bits, so that one row multiplies an activation by all n of them.
 *
 * Statement: y_j = bias_j + Σ_k x_k · w_kj for j from 0 to n − 1, all y_j integers in [lo, hi].
 * Cost: one row and wire for a pack Σ_j w_kj · 2^(stride·j), which all sums over the same weights share; then one row for each k, and
 *   ⌈log2(hi − lo + 1)⌉ rows for each y_j.
 * Sound: the packs are forced by their rows. The rows of the products force Σ_k x_k · pack_k = Σ_j (y_j − bias_j) · 2^(stride·j) in the field.
 *   Both sides are integers below 2^252 in absolute value, so they are equal as integers. With D_j the difference of y_j and the true
 *   sum, Σ_j D_j · 2^(stride·j) = 0, and as both lie in [lo, hi], |D_j| < 2^stride. So D_0 is a multiple of 2^stride, hence 0, and so on.
 * Assumes: x_k, w_kj and bias_j are integers for which every true sum lies in [lo, hi]; hi − lo < 2^stride; and |lo|, |hi| and all partial
 *   sums below 2^32, stride · (n − 1) at most 218.
 */
import { add, constant, scale, subtract, wire, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignCheck, checkRows, rangeBits } from './range.js';

export interface PackedParameters {
  /** Bits between two sums. */
  readonly stride: number;
  /** The bounds of every sum. */
  readonly lo: number;
  readonly hi: number;
}

/** Bits of the fields above the lowest, so that everything stays below 2^252. */
const MOST_SHIFT = 218;

/** The stride for sums in [lo, hi], and how many stand in one field element. */
export function packing(lo: number, hi: number): { stride: number; perPack: number } {
  const stride = Math.max(1, rangeBits(hi - lo));
  return { stride, perPack: Math.floor(MOST_SHIFT / stride) + 1 };
}

/** Rows of the sums, without those of the packs, which are one each. */
export function packedSumsRows(terms: number, sums: number, { lo, hi }: PackedParameters): number {
  return Math.max(1, terms) + sums * checkRows(hi - lo);
}

/** A wire for weights packed together. */
export function constrainPack({ builder }: ConstraintSystem, weights: readonly LinearCombination[], { stride }: PackedParameters): LinearCombination {
  const pack = wire(builder.allocate(1));
  builder.enforceZero(subtract(shifted(weights, stride), pack));
  return pack;
}

/** Forces and returns the sums, each a wire. */
export function constrainPackedSums({ builder, ranges }: ConstraintSystem, pairs: readonly (readonly [x: LinearCombination, pack: LinearCombination])[], biases: readonly LinearCombination[], { stride, lo, hi }: PackedParameters): LinearCombination[] {
  const sums = biases.map(() => wire(builder.allocate(1)));
  for (const sum of sums) ranges.check(subtract(sum, constant(lo)), hi - lo);
  const products = pairs.slice(1).map(() => wire(builder.allocate(1)));
  const rest = subtract(subtract(shifted(sums, stride), shifted(biases, stride)), add(...products, constant(0)));
  if (pairs.length === 0) builder.enforceZero(rest);
  pairs.forEach(([x, pack], k) => builder.enforce(x, pack, k === 0 ? rest : (products[k - 1] as LinearCombination)));
  return sums;
}

/** Writes a pack, and returns the next free wire. */
export function assignPack(sink: WitnessSink, first: number, weights: readonly number[], { stride }: PackedParameters): number {
  sink.setWide(first, packedValue(weights, stride));
  return first + 1;
}

/** Σ value_j · 2^(stride·j). */
export function packedValue(values: readonly number[], stride: number): bigint {
  return values.reduceRight((packed, value) => (packed << BigInt(stride)) + BigInt(value), 0n);
}

/**
 * Writes the wires of the sums, and returns the next free wire.
 * @param products the product of each pair.
 */
export function assignPackedSums(sink: WitnessSink, first: number, sums: readonly number[], products: readonly bigint[], { lo, hi }: PackedParameters): number {
  sums.forEach((sum, j) => sink.set(first + j, sum));
  let next = first + sums.length;
  for (const sum of sums) next = assignCheck(sink, next, hi - lo, sum - lo);
  for (const product of products.slice(1)) sink.setWide(next++, product);
  return next;
}

function shifted(values: readonly LinearCombination[], stride: number): LinearCombination {
  return add(...values.map((value, j) => scale(value, 1n << BigInt(stride * j))), constant(0));
}
