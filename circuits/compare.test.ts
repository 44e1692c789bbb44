import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachInteger } from '../test/soundness/trial.js';
import { assignNotNegative, constrainNotNegative, notNegativeRows, type NotNegativeParameters } from './compare.js';
import type { ConstraintSystem } from './constraintSystem.js';

function gadget(parameters: NotNegativeParameters, inputs: readonly (readonly number[])[] = eachInteger(parameters.lo, parameters.hi)) {
  return {
    prime: 101,
    build: (cs: ConstraintSystem, [x]: readonly LinearCombination[]) => [constrainNotNegative(cs, x as LinearCombination, parameters)],
    assign: (sink: WitnessSink, first: number, [x]: readonly number[]) => assignNotNegative(sink, first, x as number, parameters),
    inputs,
    expected: ([x]: readonly number[]) => [(x as number) >= 0 ? 1 : 0],
    rows: notNegativeRows(parameters),
  };
}

describe('compare', () => {
  it('exhaustive, every row needed, for ranges on either side of zero', () => {
    assertSound(gadget({ lo: -8, hi: 7 }));
    assertSound(gadget({ lo: -3, hi: 7 }));
    assertSound(gadget({ lo: -16, hi: 2 }));
    assertSound(gadget({ lo: -1, hi: 0 }), { idle: { 'the other row says s = x + 1': [0] } });
    assertSound(gadget({ lo: -7, hi: 7 }));
  });

  it('a modulus that is no power of two', () => {
    assertSound(gadget({ lo: -5, hi: 4 }), { free: { 'patterns of mixed weights: one value may have two': [1, 2] } });
  });

  it('the witness satisfies the rows for real sizes', () => {
    for (const [lo, hi] of [[-255, 255], [-(2 ** 32) + 1, 2 ** 32 - 1], [-(2 ** 52) + 1, 2 ** 52 - 1]] as const) {
      const value = fc.oneof(fc.constantFrom(lo, -1, 0, 1, hi), fc.integer({ min: lo, max: hi }));
      fc.assert(fc.property(fc.array(value.map((x) => [x]), { minLength: 1 }), (inputs) => assertHonest(gadget({ lo, hi }, inputs))), { numRuns: 30 });
    }
  });

  it('rows', () => {
    assert.equal(notNegativeRows({ lo: -255, hi: 255 }), 9);
    assert.equal(notNegativeRows({ lo: -(2 ** 32) + 1, hi: 2 ** 32 - 1 }), 33);
    assert.equal(notNegativeRows({ lo: -(2 ** 52) + 1, hi: 2 ** 52 - 1 }), 53);
    assert.equal(notNegativeRows({ lo: -1, hi: 0 }), 2);
  });
});
