/**
 * The level of a quotient n / s, rounded twice: to a floating-point number, and that to an integer, halves to even.
 *
 * Statement: k is the level with θ_k·s + o ≤ n·2^w ≤ θ_(k+1)·s − o, where o = 1 if k is odd and 0 if it is even: an odd level does not
 * have its ends, an even one does. θ_0 = 0, and the intervals of the levels 0 … K cover all that n·2^w can be.
 * Cost: h rows for the bits of k, h = ⌈log2(K + 1)⌉; the products of their halves; two tables of 2^⌊h/2⌋ rows; two products; two range
 * checks of W bits, 2^W above the widest interval: about 106 + 2·W rows for 256 levels.
 * Sound: the bits of k are its binary digits, and name one entry of each table, as in thresholdStep.ts. Both range checks together say
 * that n·2^w lies in the interval of k; the intervals do not overlap. Patterns above K have the interval [s, 0], in which nothing is.
 * Assumes: n and s are integers, s > 0, n·2^w < θ_(K+1)·s; 2^(W + 2) and θ_(K+1)·s stay below the field's order.
 */
import { scale, subtract, wire, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignCheck, checkRows, rangeBits } from './range.js';
import { assignLookUp, assignSplitIndex, lookUp, lookUpRows, splitIndex, splitIndexRows } from './splitIndex.js';
import { assignWide, bitLength, constrainWide } from './wideRange.js';

export interface QuotientLevelParameters {
  /** θ_0 … θ_(K+1), in units of 2^−w; K is at least 1. */
  readonly thresholds: readonly number[];
  /** w. */
  readonly shift: number;
  /** The largest that s can be. */
  readonly largest: bigint;
}

interface Levels {
  readonly bits: number;
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly width: number;
}

function levelsOf({ thresholds, largest }: QuotientLevelParameters): Levels {
  const levels = thresholds.length - 1;
  const bits = rangeBits(levels - 1);
  const patterns = Array.from({ length: 2 ** bits }, (_, pattern) => pattern);
  const lower = patterns.map((k) => (k < levels ? (thresholds[k] as number) : 1));
  const upper = patterns.map((k) => (k < levels ? (thresholds[k + 1] as number) : 0));
  const widest = patterns.reduce((most, k) => Math.max(most, (upper[k] as number) - (lower[k] as number)), 0);
  return { bits, lower, upper, width: bitLength(BigInt(widest) * largest) };
}

export function quotientLevelRows(parameters: QuotientLevelParameters): number {
  const { bits, width } = levelsOf(parameters);
  return checkRows(2 ** bits - 1) + splitIndexRows(bits) + 2 * (lookUpRows(bits) + 1) + 2 * width;
}

/** Forces k and returns its wire. */
export function constrainQuotientLevel(cs: ConstraintSystem, n: LinearCombination, s: LinearCombination, parameters: QuotientLevelParameters): LinearCombination {
  const { builder, ranges } = cs;
  const { bits: count, lower, upper, width } = levelsOf(parameters);
  const level = wire(builder.allocate(1));
  const bits = ranges.check(level, 2 ** count - 1);
  const index = splitIndex(cs, bits);
  const bound = (table: readonly number[]): LinearCombination => {
    const factor = lookUp(cs, index, table);
    const own = wire(builder.allocate(1));
    builder.enforce(factor, s, own);
    return own;
  };
  const shifted = scale(n, 2 ** parameters.shift);
  const odd = bits[0] as LinearCombination;
  constrainWide(cs, subtract(subtract(shifted, bound(lower)), odd), width);
  constrainWide(cs, subtract(subtract(bound(upper), shifted), odd), width);
  return level;
}

/** The level. */
export function quotientLevel(n: bigint, s: bigint, { thresholds, shift }: Pick<QuotientLevelParameters, 'thresholds' | 'shift'>): number {
  const shifted = n << BigInt(shift);
  for (let k = thresholds.length - 2; k > 0; k--) {
    const start = BigInt(thresholds[k] as number) * s;
    if (k % 2 === 0 ? shifted >= start : shifted > start) return k;
  }
  return 0;
}

/** Writes the wires; returns the next free wire. */
export function assignQuotientLevel(sink: WitnessSink, first: number, n: bigint, s: bigint, parameters: QuotientLevelParameters): number {
  const { bits: count, lower, upper, width } = levelsOf(parameters);
  const level = quotientLevel(n, s, parameters);
  const bits = Array.from({ length: count }, (_, bit) => (level >> bit) & 1);
  const shifted = n << BigInt(parameters.shift);
  const odd = BigInt(level % 2);
  sink.set(first, level);
  let next = assignCheck(sink, first + 1, 2 ** count - 1, level);
  next = assignSplitIndex(sink, next, bits);
  const bound = (table: readonly number[]): bigint => {
    const factor = table[level] as number;
    next = assignLookUp(sink, next, { bits: count, index: level, entry: factor });
    sink.setWide(next++, BigInt(factor) * s);
    return BigInt(factor) * s;
  };
  const start = bound(lower);
  next = assignWide(sink, next, shifted - start - odd, width);
  const end = bound(upper);
  return assignWide(sink, next, end - shifted - odd, width);
}
