import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachTuple } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignPack, assignPackedSums, constrainPack, constrainPackedSums, packedSumsRows, packedValue, packing, type PackedParameters } from './packedProducts.js';

/** Inputs: `terms` activations, then `sums` weights for each, then `sums` biases. */
function gadget(terms: number, sums: number, parameters: PackedParameters) {
  const x = <T>(input: readonly T[], k: number): T => input[k] as T;
  const weights = <T>(input: readonly T[], k: number): T[] => input.slice(terms + k * sums, terms + (k + 1) * sums);
  const biases = <T>(input: readonly T[]): T[] => input.slice(terms + terms * sums);
  const expected = (input: readonly number[]): number[] => biases(input).map((bias, j) => Array.from({ length: terms }, (_, k) => x(input, k) * (weights(input, k)[j] as number)).reduce((sum, product) => sum + product, bias));
  return {
    build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => {
      const pairs = Array.from({ length: terms }, (_, k) => [x(inputs, k), constrainPack(cs, weights(inputs, k), parameters)] as const);
      return constrainPackedSums(cs, pairs, biases(inputs), parameters);
    },
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => {
      let next = first;
      for (let k = 0; k < terms; k++) next = assignPack(sink, next, weights(input, k), parameters);
      return assignPackedSums(sink, next, expected(input), Array.from({ length: terms }, (_, k) => BigInt(x(input, k)) * packedValue(weights(input, k), parameters.stride)), parameters);
    },
    expected,
    rows: terms + packedSumsRows(terms, sums, parameters),
  };
}

describe('packedProducts', () => {
  it('two sums of two products: every assignment, every row needed', () => {
    const parameters = { stride: 3, lo: -4, hi: 3 };
    const { build, expected } = gadget(2, 2, parameters);
    const inputs = eachTuple(8, -1, 1).filter((input) => expected(input).every((sum) => sum >= -4 && sum <= 3)).filter((_, i) => i % 61 === 0);
    assert.ok(inputs.length > 50);
    assertSound({ prime: 127, build, inputs, expected });
  });

  it('one product, three sums, and none: every assignment, every row needed', () => {
    const three = gadget(1, 3, { stride: 2, lo: -1, hi: 2 });
    assertSound({ prime: 257, ...three, inputs: eachTuple(7, 0, 1) });
    const none = gadget(0, 2, { stride: 2, lo: -1, hi: 2 });
    assertSound({ prime: 31, ...none, inputs: eachTuple(2, -1, 1) });
  });

  it('a sum outside of the bounds has no witness', () => {
    const { build } = gadget(1, 1, { stride: 2, lo: -1, hi: 2 });
    assertSound({ prime: 31, build, inputs: [[1, 2, 0], [1, 3, 0], [1, 1, 1], [2, 2, 2]], expected: ([x, w, bias]) => { const y = (x as number) * (w as number) + (bias as number); return y > 2 ? undefined : [y]; } });
  });

  it('the witness satisfies the rows for as many 8-bit weights as fit, at both ends', () => {
    for (const terms of [1, 9, 64]) {
      const bias = 2 ** 20;
      const most = terms * 255 * 128 + bias;
      const { stride, perPack } = packing(-most, most);
      const whole = gadget(terms, perPack, { stride, lo: -most, hi: most });
      const of = (x: () => number, w: () => number, b: () => number): number[] => [...Array.from({ length: terms }, x), ...Array.from({ length: terms * perPack }, w), ...Array.from({ length: perPack }, b)];
      const ends = [of(() => 255, () => -128, () => -bias), of(() => 255, () => 127, () => bias)];
      const random = fc.sample(fc.integer({ min: 0, max: 2 ** 30 }), 4).map((seed) => {
        let state = seed;
        const next = (lo: number, hi: number): number => lo + ((state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) % (hi - lo + 1));
        return of(() => next(0, 255), () => next(-128, 127), () => next(-bias, bias));
      });
      assertHonest({ ...whole, inputs: [...ends, ...random] });
    }
  });

  it('how many sums stand in a field element', () => {
    assert.deepEqual([packing(-(2 ** 26), 2 ** 26 - 1), packing(0, 2 ** 20 - 1), packing(-(2 ** 31), 2 ** 31 - 1)], [{ stride: 27, perPack: 9 }, { stride: 20, perPack: 11 }, { stride: 32, perPack: 7 }]);
  });
});
