import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import { subtract } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachInteger } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignCheck, assignFresh, checkRows, digits, rangeBits, rangeWeights } from './range.js';

/** Bits that two patterns for one value disagree on, by trying all patterns. */
function ambiguousBits(max: number): number[] {
  const weights = rangeWeights(max);
  const patterns = Array.from({ length: 2 ** weights.length }, (_, pattern) => weights.map((_, bit) => (pattern >> bit) & 1));
  const value = (pattern: readonly number[]) => pattern.reduce((sum, bit, i) => sum + bit * (weights[i] as number), 0);
  return weights.map((_, bit) => bit).filter((bit) => patterns.some((one) => patterns.some((other) => value(one) === value(other) && one[bit] !== other[bit])));
}

const MIXED = 'patterns of mixed weights: one value may have two';

function check(max: number, inputs: readonly (readonly number[])[]) {
  return {
    prime: 101,
    build: ({ ranges }: ConstraintSystem, inputs: readonly LinearCombination[]) => {
      ranges.check(inputs[0] as LinearCombination, max);
      return [];
    },
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => assignCheck(sink, first, max, input[0] as number),
    inputs,
    rows: checkRows(max),
  };
}

function fresh(max: number, inputs: readonly (readonly number[])[]) {
  return {
    prime: 101,
    build: ({ builder, ranges }: ConstraintSystem, inputs: readonly LinearCombination[]) => {
      const value = ranges.fresh(max);
      builder.enforceZero(subtract(value, inputs[0] as LinearCombination));
      return [value];
    },
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => assignFresh(sink, first, max, input[0] as number),
    inputs,
    rows: rangeBits(max) + 1,
  };
}

describe('range', () => {
  it('the weights of [0, max] reach every value and nothing else', () => {
    for (let max = 0; max <= 300; max++) {
      const weights = rangeWeights(max);
      assert.equal(weights.length, Math.ceil(Math.log2(max + 1)));
      const reached = new Set(Array.from({ length: 2 ** weights.length }, (_, pattern) => weights.reduce((sum, weight, bit) => sum + weight * ((pattern >> bit) & 1), 0)));
      assert.deepEqual([...reached].sort((left, right) => left - right), Array.from({ length: max + 1 }, (_, i) => i));
      for (let value = 0; value <= max; value++) {
        const bits = digits(value, weights);
        assert.ok(!bits.some((bit) => bit !== 0 && bit !== 1));
        assert.equal(bits.reduce((sum, bit, i) => sum + bit * (weights[i] as number), 0), value);
      }
    }
  });

  it('check and fresh accept exactly [0, max], for max = 0 to 20; every row is needed', () => {
    for (let max = 0; max <= 20; max++) {
      // Every element of the field.
      const inputs = eachInteger(0, 100);
      const accepted = (input: readonly number[]) => (input[0] as number) <= max;
      const ambiguous = ambiguousBits(max);
      assertSound({ ...check(max, inputs), expected: (input) => (accepted(input) ? [] : undefined) }, { free: { [MIXED]: ambiguous.filter((bit) => bit > 0).map((bit) => bit - 1) } });
      assertSound({ ...fresh(max, inputs), expected: (input) => (accepted(input) ? input : undefined) }, { free: { [MIXED]: ambiguous } });
    }
  });

  it('the witness satisfies the rows, up to 52 bits', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 51 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (bits, size, share) => {
        const max = Math.min(Math.floor(2 ** bits * (1 + size)), 2 ** 52 - 1);
        const inputs = [[0], [max], [Math.floor(max / 2)], [Math.floor(share * max)]];
        assertHonest({ ...check(max, inputs), expected: () => [] });
        assertHonest({ ...fresh(max, inputs), expected: (input) => input });
      }),
    );
  });

  it('rows', () => {
    assert.deepEqual([0, 1, 2, 3, 4, 7, 8, 255, 256, 2 ** 52 - 1].map(checkRows), [1, 1, 2, 2, 3, 3, 4, 8, 9, 52]);
    assert.deepEqual([0, 1, 2, 3, 4, 7, 8, 255, 256, 2 ** 52 - 1].map(rangeBits), [0, 1, 2, 2, 3, 3, 4, 8, 9, 52]);
  });
});
