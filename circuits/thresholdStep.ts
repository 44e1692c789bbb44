/**
 * Any step function of at most 256 levels: y = lo + number of thresholds ≤ x. For functions without an affine form.
 *
 * Statement: L(y) ≤ x ≤ U(y), where [L(y), U(y)] are all x whose value is y; these intervals do not overlap.
 * Cost: h bits of the level; 2 · (rows for all products of the bits of one half); two tables of 2^⌊h/2⌋ rows; two range checks of
 * ⌈log2 W⌉ rows, W the widest interval; 1. About 100 rows for 256 levels and 20-bit x.
 * Sound: the h bits of y are forced into {0, 1} and name one level. The minterms of each half are products of those bits, so
 * exactly one is 1 in each half; the bound of the level is Σ_i high_i · (Σ_j bound[i, j] · low_j), each product forced by a row.
 * x − L(y) and U(y) − x are forced into [0, W], so x is in the interval of y, and of no other. A level that the function skips
 * has an empty interval, U < L, which no x satisfies, as W is far below the size of the field.
 * Assumes: x is an integer in [xLo, xHi].
 */
import { add, constant, scale, subtract, wire, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignCheck, checkRows, digits, materialise, rangeBits, rangeWeights } from './range.js';

export interface ThresholdStepParameters {
  readonly lo: number;
  /** Ascending, in (xLo, xHi]; at most 255, at least 1. */
  readonly thresholds: Int32Array;
  readonly xLo: number;
  readonly xHi: number;
}

interface Tables {
  readonly weights: readonly number[];
  /** Number of bits in the low half. */
  readonly lowBits: number;
  readonly highBits: number;
  /** Bounds by bit pattern, the low half least significant. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly widest: number;
}

function tablesOf({ thresholds, xLo, xHi }: ThresholdStepParameters): Tables {
  const span = thresholds.length;
  const weights = rangeWeights(span);
  const highBits = weights.length >> 1;
  const levels = Array.from({ length: 2 ** weights.length }, (_, pattern) => weights.reduce((sum, weight, bit) => sum + weight * ((pattern >> bit) & 1), 0));
  const lower = levels.map((level) => (level === 0 ? xLo : (thresholds[level - 1] as number)));
  const upper = levels.map((level) => (level === span ? xHi : (thresholds[level] as number) - 1));
  const widest = upper.reduce((most, bound, pattern) => Math.max(most, bound - (lower[pattern] as number)), 0);
  return { weights, lowBits: weights.length - highBits, highBits, lower, upper, widest };
}

/** Products of two or more of `bits` booleans: one row each. */
function productRows(bits: number): number {
  return 2 ** bits - 1 - bits;
}

export function thresholdStepRows(parameters: ThresholdStepParameters): number {
  const { weights, lowBits, highBits, widest } = tablesOf(parameters);
  return rangeBits(2 ** weights.length - 1) + productRows(lowBits) + productRows(highBits) + 2 * 2 ** highBits + 2 * checkRows(widest) + 1;
}

export function constrainThresholdStep(cs: ConstraintSystem, x: LinearCombination, parameters: ThresholdStepParameters): LinearCombination {
  const { builder, ranges } = cs;
  const { weights, lowBits, lower, upper, widest } = tablesOf(parameters);
  const bits = weights.map(() => ranges.fresh(1));
  const low = minterms(cs, bits.slice(0, lowBits));
  const high = minterms(cs, bits.slice(lowBits));
  const bound = (table: readonly number[]): LinearCombination => {
    const parts = high.map((minterm, i) => {
      const product = wire(builder.allocate(1));
      builder.enforce(minterm, add(...low.map((each, j) => scale(each, table[i * low.length + j] as number))), product);
      return product;
    });
    return add(...parts);
  };
  ranges.check(subtract(x, bound(lower)), widest);
  ranges.check(subtract(bound(upper), x), widest);
  return wire(materialise(builder, add(constant(parameters.lo), ...bits.map((bit, i) => scale(bit, weights[i] as number)))));
}

/** The 2^n minterms of n booleans, as combinations of the products of their subsets. */
function minterms({ builder }: ConstraintSystem, bits: readonly LinearCombination[]): LinearCombination[] {
  // products[S] is the product of the bits in S; each is one row on top of a smaller one.
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
  // By inclusion and exclusion over the supersets.
  return products.map((_, pattern) =>
    add(
      ...products.flatMap((product, set) => {
        if ((set & pattern) !== pattern) return [];
        return [scale(product, popcount(set ^ pattern) % 2 === 0 ? 1 : -1)];
      }),
    ),
  );
}

function popcount(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}

export function assignThresholdStep(sink: WitnessSink, first: number, x: number, parameters: ThresholdStepParameters): number {
  const { weights, lowBits, lower, upper, widest } = tablesOf(parameters);
  const level = parameters.thresholds.reduce((count, threshold) => count + (threshold <= x ? 1 : 0), 0);
  const bits = digits(level, weights);
  let next = first;
  const write = (value: number): void => sink.set(next++, value);
  bits.forEach(write);
  const products = (half: readonly number[]): void => {
    for (let set = 1; set < 2 ** half.length; set++) {
      if ((set & (set - 1)) !== 0) write(half.every((bit, i) => bit === 1 || ((set >> i) & 1) === 0) ? 1 : 0);
    }
  };
  products(bits.slice(0, lowBits));
  products(bits.slice(lowBits));
  const pattern = bits.reduce((sum, bit, i) => sum + bit * 2 ** i, 0);
  const rows = 2 ** (weights.length - lowBits);
  const chosen = pattern >> lowBits;
  const bound = (table: readonly number[]): number => {
    const value = table[pattern] as number;
    for (let i = 0; i < rows; i++) write(i === chosen ? value : 0);
    return value;
  };
  const least = bound(lower);
  next = assignCheck(sink, next, widest, x - least);
  const most = bound(upper);
  next = assignCheck(sink, next, widest, most - x);
  write(parameters.lo + level);
  return next;
}
