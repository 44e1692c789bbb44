/**
 * A row of QLinearSoftmax: with d_i = max(x) − x_i, the terms t_i = term[d_i] are added in float32, one after the other, to s; the level
 * of each element is numerator[d_i] / s, rounded to float32 and then to an integer.
 *
 * Cost for n elements: n − 1 maxima of two; for each element the bits of d_i, the products of their halves and two tables of 2^⌊h/2⌋
 * rows; n − 1 roundings (significant.ts); n levels (quotientLevel.ts). About 430 rows for each 8-bit element at a scale of 0.1.
 * Sound: max.ts forces the maximum, the bits of d_i are its binary digits as in table.ts, and both gadgets say why they force their
 * results. Floats are integers in units of the last place of the smallest term.
 * Assumes: the x_i are integers in [lo, hi], in wires of their own; all that the two gadgets assume.
 */
import { add, subtract, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignMax, constrainMax, maxRows } from './max.js';
import { assignQuotientLevel, constrainQuotientLevel, quotientLevelRows, type QuotientLevelParameters } from './quotientLevel.js';
import { assignCheck, checkRows, rangeBits } from './range.js';
import { assignSignificant, constrainSignificant, significant, significantRows } from './significant.js';
import { assignLookUp, assignSplitIndex, lookUp, lookUpRows, splitIndex, splitIndexRows } from './splitIndex.js';
import { bitLength } from './wideRange.js';

export interface SoftmaxParameters {
  /** Elements of a row. */
  readonly length: number;
  readonly lo: number;
  readonly hi: number;
  /** By d from 0 to hi − lo; positive integers of at most `precision` significant bits. */
  readonly terms: readonly bigint[];
  readonly numerators: readonly bigint[];
  /** Significant bits of a sum. */
  readonly precision: number;
  readonly thresholds: readonly number[];
  readonly shift: number;
}

interface Shape {
  /** Bits of a difference. */
  readonly bits: number;
  /** Of each addition, the bits beyond the precision. */
  readonly excess: readonly number[];
  readonly quotient: QuotientLevelParameters;
}

function shapeOf({ length, terms, precision, thresholds, shift }: SoftmaxParameters): Shape {
  const bits = rangeBits(terms.length - 1);
  const largestTerm = terms.reduce((most, term) => (term > most ? term : most));
  // Adding and rounding are non-decreasing, so the sum of the largest terms bounds every sum.
  let largest = largestTerm;
  const excess: number[] = [];
  for (let i = 1; i < length; i++) {
    excess.push(Math.max(0, bitLength(largest + largestTerm) - precision));
    largest = significant(largest + largestTerm, precision);
  }
  return { bits, excess, quotient: { thresholds, shift, largest } };
}

/** Bits of the largest number in a row: they must stay below the field's order. */
export function softmaxReach(parameters: SoftmaxParameters): number {
  const { quotient } = shapeOf(parameters);
  return bitLength(BigInt(quotient.thresholds.at(-1) as number) * quotient.largest) + 2;
}

export function softmaxRows(parameters: SoftmaxParameters): number {
  const { length, precision } = parameters;
  const { bits, excess, quotient } = shapeOf(parameters);
  const perElement = checkRows(2 ** bits - 1) + splitIndexRows(bits) + 2 * lookUpRows(bits) + quotientLevelRows(quotient);
  return maxRows(length, parameters) + length * perElement + excess.reduce((total, each) => total + significantRows({ precision, excess: each }), 0);
}

/** Forces the levels of a row. */
export function constrainSoftmax(cs: ConstraintSystem, values: readonly LinearCombination[], parameters: SoftmaxParameters): LinearCombination[] {
  const { bits: count, excess, quotient } = shapeOf(parameters);
  const most = constrainMax(cs, values, parameters);
  const parts = values.map((value) => {
    const index = splitIndex(cs, cs.ranges.check(subtract(most, value), 2 ** count - 1));
    return { term: lookUp(cs, index, parameters.terms), numerator: lookUp(cs, index, parameters.numerators) };
  });
  let sum = (parts[0] as (typeof parts)[0]).term;
  for (let i = 1; i < parts.length; i++) sum = constrainSignificant(cs, add(sum, (parts[i] as (typeof parts)[0]).term), { precision: parameters.precision, excess: excess[i - 1] as number });
  return parts.map(({ numerator }) => constrainQuotientLevel(cs, numerator, sum, quotient));
}

/** Writes the wires of a row; returns the next free wire. */
export function assignSoftmax(sink: WitnessSink, first: number, values: readonly number[], parameters: SoftmaxParameters): number {
  const { bits: count, excess, quotient } = shapeOf(parameters);
  const { terms, numerators, precision } = parameters;
  let next = assignMax(sink, first, values, parameters);
  const most = values.reduce((largest, value) => Math.max(largest, value));
  const differences = values.map((value) => most - value);
  for (const difference of differences) {
    const bits = Array.from({ length: count }, (_, bit) => (difference >> bit) & 1);
    next = assignCheck(sink, next, 2 ** count - 1, difference);
    next = assignSplitIndex(sink, next, bits);
    for (const table of [terms, numerators]) next = assignLookUp(sink, next, { bits: count, index: difference, entry: table[difference] as bigint });
  }
  let sum = terms[differences[0] as number] as bigint;
  differences.slice(1).forEach((difference, i) => {
    const exact = sum + (terms[difference] as bigint);
    next = assignSignificant(sink, next, exact, { precision, excess: excess[i] as number });
    sum = significant(exact, precision);
  });
  for (const difference of differences) next = assignQuotientLevel(sink, next, numerators[difference] as bigint, sum, quotient);
  return next;
}
