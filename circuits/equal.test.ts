import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachInteger } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignZeroTest, constrainZeroTest, ZERO_TEST_ROWS } from './equal.js';

function gadget(negated: boolean, inputs: readonly (readonly number[])[]) {
  return {
    prime: 101,
    build: (cs: ConstraintSystem, [x]: readonly LinearCombination[]) => [constrainZeroTest(cs, x as LinearCombination, negated)],
    assign: (sink: WitnessSink, first: number, [x]: readonly number[]) => assignZeroTest(sink, first, x as number, negated),
    inputs,
    expected: ([x]: readonly number[]) => [(x === 0) !== negated ? 1 : 0],
    rows: ZERO_TEST_ROWS,
  };
}

describe('equal', () => {
  for (const negated of [false, true]) {
    it(`${negated ? 'x ≠ 0' : 'x = 0'}: exhaustive, every row needed`, () => {
      assertSound(gadget(negated, eachInteger(-50, 50)), { free: { 'the inverse of 0 may be anything': [1] } });
    });
    it(`${negated ? 'x ≠ 0' : 'x = 0'}: the witness satisfies the rows`, () => {
      const value = fc.oneof(fc.constantFrom(0, 1, -1), fc.integer({ min: -(2 ** 52), max: 2 ** 52 }));
      fc.assert(fc.property(fc.array(value.map((x) => [x]), { minLength: 1 }), (inputs) => assertHonest(gadget(negated, inputs))), { numRuns: 20 });
    });
  }
});
