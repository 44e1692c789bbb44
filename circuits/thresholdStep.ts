/**
 * Any step function: y = lo + number of thresholds ≤ x. For functions without an affine form; meant for 8 bits, as rows and tables
 * grow with the number of levels.
 *
 * Statement: L(y) ≤ x ≤ U(y), where [L(y), U(y)] are all x whose value is y; these intervals do not overlap.
 * Cost: h rows for the level; 2^⌈h/2⌉ + 2^⌊h/2⌋ − h − 2 for the products of the bits of each half; two tables of 2^⌊h/2⌋ rows; two
 * range checks of ⌈log2 (W + 1)⌉ rows, W + 1 the width of the widest interval. About 100 rows for 256 levels and 20-bit x.
 * Sound: the level is range-checked and its bits name one row of the tables. The minterms of each half are products of those bits, so
 * exactly one is 1 in each half; the bound of the level is Σ_i high_i · (Σ_j bound[i, j] · low_j), each product forced by a row.
 * x − L(y) and U(y) − x are forced into [0, W], so x is in the interval of y, and of no other. A level that the function skips has an
 * empty interval with U = L − 1, and the two checked values would add up to −1, which no two integers in [0, W] do.
 * Assumes: x is an integer in [xLo, xHi]; 2·W and xHi − xLo + W stay below the field's order (they are below 2^54).
 */
import { add, constant, subtract, wire, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignCheck, checkRows, digits, rangeWeights } from './range.js';
import { assignLookUp, assignSplitIndex, lookUp, lookUpRows, splitIndex, splitIndexRows } from './splitIndex.js';

export interface ThresholdStepParameters {
  readonly lo: number;
  /** Ascending, in (xLo, xHi]; at least one. */
  readonly thresholds: Int32Array;
  readonly xLo: number;
  readonly xHi: number;
}

interface Tables {
  readonly weights: readonly number[];
  /** Bounds by bit pattern, the low half least significant. */
  readonly lower: readonly number[];
  readonly upper: readonly number[];
  readonly widest: number;
}

function tablesOf({ thresholds, xLo, xHi }: ThresholdStepParameters): Tables {
  const span = thresholds.length;
  const weights = rangeWeights(span);
  const levels = Array.from({ length: 2 ** weights.length }, (_, pattern) => weights.reduce((sum, weight, bit) => sum + weight * ((pattern >> bit) & 1), 0));
  const lower = levels.map((level) => (level === 0 ? xLo : (thresholds[level - 1] as number)));
  const upper = levels.map((level) => (level === span ? xHi : (thresholds[level] as number) - 1));
  const widest = upper.reduce((most, bound, pattern) => Math.max(most, bound - (lower[pattern] as number)), 0);
  return { weights, lower, upper, widest };
}

export function thresholdStepRows(parameters: ThresholdStepParameters): number {
  const { weights, widest } = tablesOf(parameters);
  return weights.length + splitIndexRows(weights.length) + 2 * lookUpRows(weights.length) + 2 * checkRows(widest);
}

export function constrainThresholdStep(cs: ConstraintSystem, x: LinearCombination, parameters: ThresholdStepParameters): LinearCombination {
  const { builder, ranges } = cs;
  const { lower, upper, widest } = tablesOf(parameters);
  const own = wire(builder.allocate(1));
  const index = splitIndex(cs, ranges.check(own, parameters.thresholds.length));
  ranges.check(subtract(x, lookUp(cs, index, lower)), widest);
  ranges.check(subtract(lookUp(cs, index, upper), x), widest);
  return add(constant(parameters.lo), own);
}

export function assignThresholdStep(sink: WitnessSink, first: number, x: number, parameters: ThresholdStepParameters): number {
  const { weights, lower, upper, widest } = tablesOf(parameters);
  const level = parameters.thresholds.reduce((count, threshold) => count + (threshold <= x ? 1 : 0), 0);
  const bits = digits(level, weights);
  sink.set(first, level);
  let next = assignCheck(sink, first + 1, parameters.thresholds.length, level);
  next = assignSplitIndex(sink, next, bits);
  const index = bits.reduce((sum, bit, i) => sum + bit * 2 ** i, 0);
  const bound = (table: readonly number[]): number => {
    const entry = table[index] as number;
    next = assignLookUp(sink, next, { bits: bits.length, index, entry });
    return entry;
  };
  const least = bound(lower);
  next = assignCheck(sink, next, widest, x - least);
  const most = bound(upper);
  return assignCheck(sink, next, widest, most - x);
}
