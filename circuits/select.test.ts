import { describe, it } from 'node:test';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachTuple } from '../test/soundness/trial.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { constrainSelect, SELECT_ROWS } from './select.js';

function gadget(inputs: readonly (readonly number[])[]) {
  const expected = ([c, a, b]: readonly number[]) => [(c === 1 ? a : b) as number];
  return {
    prime: 101,
    build: (cs: ConstraintSystem, [c, a, b]: readonly LinearCombination[]) => [constrainSelect(cs, c as LinearCombination, a as LinearCombination, b as LinearCombination)],
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => {
      sink.set(first, expected(input)[0] as number);
      return first + 1;
    },
    inputs,
    expected,
    rows: SELECT_ROWS,
  };
}

describe('select', () => {
  const conditions = [0, 1].flatMap((c) => eachTuple(2, -5, 5).map((pair) => [c, ...pair]));
  it('exhaustive, its row needed', () => assertSound(gadget(conditions)));
  it('the witness satisfies the row', () => assertHonest(gadget([...conditions, [1, 2 ** 52, -(2 ** 52)], [0, 2 ** 52, -(2 ** 52)]])));
});
