import { describe, it } from 'node:test';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachTuple } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignProducts, constrainProducts, productsRows } from './products.js';

function gadget(pairs: number, inputs: readonly (readonly number[])[]) {
  const paired = <T>(values: readonly T[]) => Array.from({ length: pairs }, (_, k): readonly [T, T] => [values[2 * k] as T, values[2 * k + 1] as T]);
  return {
    prime: 1009,
    build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => [constrainProducts(cs, paired(inputs))],
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => assignProducts(sink, first, paired(input).map(([left, right]) => left * right)),
    inputs,
    expected: (input: readonly number[]) => [paired(input).reduce((sum, [left, right]) => sum + left * right, 0)],
    rows: productsRows(pairs),
  };
}

describe('products', () => {
  for (const pairs of [1, 2, 3]) {
    it(`sum of ${pairs}: exhaustive, every row needed`, () => {
      assertSound(gadget(pairs, eachTuple(2 * pairs, -1, 2)));
    });
  }

  it('the witness satisfies the rows for 8-bit and for 16-bit values', () => {
    assertHonest({ ...gadget(4, [[-128, -128, 127, -128, 0, 5, 127, 127]]), rows: 4 });
    assertHonest({ ...gadget(2, [[65_535, 65_535, -32_768, 32_767]]), rows: 2 });
  });
});
