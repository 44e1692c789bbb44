import { describe, it } from 'node:test';
import { subtract, type LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachInteger } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignInput, constrainInput, inputRows, type InputParameters } from './input.js';

/** An input tied to a given value, so that each value can be tried. */
function tied(parameters: InputParameters, inputs: readonly (readonly number[])[]) {
  return {
    prime: 101,
    build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => {
      const x = constrainInput(cs, parameters);
      cs.builder.enforceZero(subtract(x, inputs[0] as LinearCombination));
      return [x];
    },
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => assignInput(sink, first, input[0] as number, parameters),
    inputs,
    rows: inputRows(parameters) + 1,
  };
}

describe('input', () => {
  for (const parameters of [
    { lo: -4, hi: 3 },
    { lo: 0, hi: 1 },
    { lo: 2, hi: 8 },
    { lo: 5, hi: 5 },
  ]) {
    it(`exactly [${parameters.lo}, ${parameters.hi}] is accepted; every row is needed`, () => {
      // Seven values have two patterns of the weights 1, 2 and 4 − 1.
      const free = parameters.hi === 8 ? { 'patterns of mixed weights': [1, 2] } : {};
      assertSound({ ...tied(parameters, eachInteger(-50, 50)), expected: ([x]) => ((x as number) >= parameters.lo && (x as number) <= parameters.hi ? [x as number] : undefined) }, { free });
    });
  }

  it('the witness satisfies 8, 8, 16, 32 and 52 rows for the element types', () => {
    for (const [lo, hi, rows] of [
      [0, 255, 8],
      [-128, 127, 8],
      [-32_768, 32_767, 16],
      [-(2 ** 31), 2 ** 31 - 1, 32],
      [-(2 ** 51), 2 ** 51 - 1, 52],
    ] as const) {
      const inputs = [lo, lo + 1, -1, 0, 1, hi - 1, hi].filter((x) => x >= lo).map((x) => [x]);
      assertHonest({ ...tied({ lo, hi }, inputs), expected: (input) => input, rows: rows + 1 });
    }
  });
});
