import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { seeded } from '../test/support/seeded.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachTuple, wrongInputs } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignSoftmax, constrainSoftmax, softmaxRows, type SoftmaxParameters } from './softmax.js';

/** The meaning, with numbers of few bits. */
function levels(x: readonly number[], { terms, numerators, precision, thresholds, shift }: SoftmaxParameters): number[] {
  const round = (z: number): number => {
    let unit = 1;
    while (z >= unit * 2 ** precision) unit *= 2;
    const below = Math.floor(z / unit);
    const rest = z - below * unit;
    return (rest * 2 > unit || (rest * 2 === unit && below % 2 === 1) ? below + 1 : below) * unit;
  };
  const differences = x.map((value) => Math.max(...x) - value);
  const sum = differences.map((d) => Number(terms[d])).reduce((total, term) => round(total + term));
  return differences.map((d) => {
    const value = Number(numerators[d]) * 2 ** shift;
    return thresholds.slice(0, -1).findIndex((start, k) => {
      const end = thresholds[k + 1] as number;
      return k % 2 === 0 ? value >= start * sum && value <= end * sum : value > start * sum && value < end * sum;
    });
  });
}

function gadget(parameters: SoftmaxParameters, inputs: readonly (readonly number[])[], prime = 1009) {
  return {
    prime,
    build: (cs: ConstraintSystem, values: readonly LinearCombination[]) => constrainSoftmax(cs, values, parameters),
    assign: (sink: WitnessSink, first: number, values: readonly number[]) => assignSoftmax(sink, first, values, parameters),
    inputs,
    expected: (values: readonly number[]) => levels(values, parameters),
    rows: softmaxRows(parameters),
  };
}

describe('softmax', () => {
  it('all assignments of small rows, every row needed', () => {
    // Sums of 7 to 10, some of them rounded; numerators of which no two give the same levels.
    const parameters: SoftmaxParameters = { length: 2, lo: -1, hi: 2, terms: [5n, 4n, 3n, 2n], numerators: [25n, 22n, 21n, 9n], precision: 3, thresholds: [0, 1, 3, 5, 7, 9, 11], shift: 1 };
    assertSound(gadget(parameters, eachTuple(2, -1, 2), 509), { idle: { 'that the maximum is not the smaller one follows from the differences, too': [33, 34] } });
  });

  it('all assignments of a row of three', () => {
    const parameters: SoftmaxParameters = { length: 3, lo: 0, hi: 1, terms: [2n, 1n], numerators: [6n, 2n], precision: 2, thresholds: [0, 1, 3, 5, 7], shift: 1 };
    assert.deepEqual(wrongInputs(gadget(parameters, eachTuple(3, 0, 1), 131)), []);
  });

  it('the witness satisfies the rows for 8-bit rows', () => {
    const random = seeded(11);
    const terms = Array.from({ length: 256 }, (_, d) => BigInt(Math.round(2 ** 23 * (1.2 ** (255 - d)) / 2 ** 20)) + 1n).map((term) => term >> BigInt(Math.max(0, term.toString(2).length - 24)) << BigInt(Math.max(0, term.toString(2).length - 24)));
    const thresholds = [0, ...Array.from({ length: 255 }, (_, k) => (2 * k + 1) * 2 ** 25 + (k % 2 === 0 ? -1 : 2)), 257 * 2 ** 26];
    const parameters: SoftmaxParameters = { length: 5, lo: -128, hi: 127, terms, numerators: terms.map((term) => term * 256n), precision: 24, thresholds, shift: 26 };
    const inputs = Array.from({ length: 12 }, (_, i) => Array.from({ length: 5 }, () => Math.floor(random() * (i % 2 === 0 ? 256 : 20)) - 128));
    assertHonest({ ...gadget(parameters, []), inputs, expected: (x) => exactLevels(x, parameters) });
  });
});

/** The meaning in big integers. */
function exactLevels(x: readonly number[], { terms, numerators, precision, thresholds, shift }: SoftmaxParameters): number[] {
  const round = (z: bigint): bigint => {
    let unit = 1n;
    while (z >= unit << BigInt(precision)) unit *= 2n;
    const below = z / unit;
    const rest = 2n * (z - below * unit);
    return (rest > unit || (rest === unit && below % 2n === 1n) ? below + 1n : below) * unit;
  };
  const differences = x.map((value) => Math.max(...x) - value);
  const sum = differences.map((d) => terms[d] as bigint).reduce((total, term) => round(total + term));
  return differences.map((d) => {
    const value = (numerators[d] as bigint) << BigInt(shift);
    return thresholds.slice(0, -1).findIndex((start, k) => {
      const [least, most] = [BigInt(start) * sum, BigInt(thresholds[k + 1] as number) * sum];
      return k % 2 === 0 ? value >= least && value <= most : value > least && value < most;
    });
  });
}
