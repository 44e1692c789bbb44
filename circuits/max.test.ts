import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachTuple } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignMax, constrainMax, maxRows, type MaxParameters } from './max.js';

function gadget(count: number, parameters: MaxParameters, inputs = eachTuple(count, parameters.lo, parameters.hi)) {
  return {
    prime: 101,
    build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => [constrainMax(cs, inputs, parameters)],
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => assignMax(sink, first, input, parameters),
    inputs,
    expected: (input: readonly number[]) => [parameters.minimum === true ? Math.min(...input) : Math.max(...input)],
    rows: maxRows(count, parameters),
  };
}

const MIXED = 'patterns of mixed weights: one difference may have two';
const EQUAL = 'the two values are always equal, so that the product alone forces the maximum';

describe('max', () => {
  it('one value is its own maximum, for nothing', () => {
    assert.equal(maxRows(1, { lo: 0, hi: 255 }), 0);
    assertSound(gadget(1, { lo: -2, hi: 2 }));
  });

  it('of two: exhaustive, every row needed', () => {
    assertSound(gadget(2, { lo: -3, hi: 4 }));
    assertSound(gadget(2, { lo: -2, hi: 4 }), { free: { [MIXED]: [1, 2] } });
    assertSound(gadget(2, { lo: 0, hi: 1 }));
    assertSound(gadget(2, { lo: -3, hi: 4, minimum: true }));
    // The range check is of [0, 0], the row y = a; without the product, that row still forces y.
    assertSound(gadget(2, { lo: 7, hi: 7 }), { idle: { [EQUAL]: [0, 1] } });
  });

  it('of three and four: exhaustive, every row needed', () => {
    assertSound(gadget(3, { lo: -1, hi: 2 }));
    assertSound(gadget(4, { lo: 0, hi: 3 }));
  });

  it('the witness satisfies the rows for real sizes', () => {
    for (const [count, lo, hi] of [
      [2, -128, 127],
      [4, 0, 255],
      [9, -1_145_517, 722_723],
      [5, -(2 ** 31), 2 ** 31 - 1],
    ] as const) {
      const value = fc.oneof(fc.constantFrom(lo, lo + 1, hi - 1, hi), fc.integer({ min: lo, max: hi }));
      fc.assert(
        fc.property(fc.array(fc.array(value, { minLength: count, maxLength: count }), { minLength: 1, maxLength: 10 }), (inputs) => assertHonest(gadget(count, { lo, hi }, inputs))),
        { numRuns: 20 },
      );
    }
  });

  it('rows', () => {
    assert.deepEqual([2, 3, 4, 9].map((count) => maxRows(count, { lo: -128, hi: 127 })), [9, 18, 27, 72]);
    assert.equal(maxRows(4, { lo: -232_739, hi: 249_010 }), 60);
  });
});
