import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachTuple } from '../test/soundness/trial.js';
import { argmaxRows, assignArgmax, constrainArgmax, type ArgmaxParameters } from './argmax.js';
import type { ConstraintSystem } from './constraintSystem.js';

function gadget(count: number, parameters: ArgmaxParameters, inputs = eachTuple(count, parameters.lo, parameters.hi)) {
  const { minimum, selectLast } = parameters;
  return {
    prime: 101,
    build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => [constrainArgmax(cs, inputs, parameters)],
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => assignArgmax(sink, first, input, parameters),
    inputs,
    expected: (input: readonly number[]) => {
      const best = minimum ? Math.min(...input) : Math.max(...input);
      return [selectLast ? input.lastIndexOf(best) : input.indexOf(best)];
    },
    rows: argmaxRows(count, parameters),
  };
}

const KINDS = [false, true].flatMap((minimum) => [false, true].map((selectLast) => ({ minimum, selectLast })));

describe('argmax', () => {
  for (const kind of KINDS) {
    const name = `${kind.minimum ? 'min' : 'max'}, the ${kind.selectLast ? 'last' : 'first'} of equal ones`;
    it(`${name}: one, two and three values, exhaustive, every row needed`, () => {
      assert.equal(argmaxRows(1, { ...kind, lo: 0, hi: 3 }), 0);
      assertSound(gadget(1, { ...kind, lo: 0, hi: 3 }));
      assertSound(gadget(2, { ...kind, lo: -2, hi: 1 }));
      assertSound(gadget(3, { ...kind, lo: -1, hi: 2 }));
    });
  }

  it('mixed weights', () => {
    assertSound(gadget(3, { minimum: false, selectLast: false, lo: 0, hi: 2 }), { free: { 'the difference 1 is 1 + 0 or 0 + 1': [3, 4, 5] } });
  });

  it('the witness satisfies the rows for real sizes', () => {
    for (const [count, lo, hi] of [
      [10, -128, 127],
      [7, 0, 255],
      [3, -(2 ** 31), 2 ** 31 - 1],
    ] as const) {
      const value = fc.oneof(fc.constantFrom(lo, lo + 1, hi - 1, hi), fc.integer({ min: lo, max: hi }));
      fc.assert(
        fc.property(fc.constantFrom(...KINDS), fc.array(fc.array(value, { minLength: count, maxLength: count }), { minLength: 1, maxLength: 10 }), (kind, inputs) =>
          assertHonest(gadget(count, { ...kind, lo, hi }, inputs)),
        ),
        { numRuns: 40 },
      );
    }
  });

  it('rows', () => {
    const of = (count: number, lo: number, hi: number) => argmaxRows(count, { lo, hi, minimum: false, selectLast: false });
    assert.deepEqual([of(1, 0, 255), of(2, 0, 255), of(10, -128, 127), of(1000, -128, 127)], [0, 19, 99, 9_999]);
  });
});
