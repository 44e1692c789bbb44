import { describe, it } from 'node:test';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachTuple } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignMinterms, minterms, mintermRows } from './minterms.js';

describe('minterms', () => {
  for (const bits of [0, 1, 2, 3, 4]) {
    it(`of ${bits} booleans: exactly the right one is 1; every row is needed`, () => {
      const gadget = {
        prime: 101,
        build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => minterms(cs, inputs),
        assign: (sink: WitnessSink, first: number, input: readonly number[]) => assignMinterms(sink, first, input),
        inputs: eachTuple(bits, 0, 1),
        expected: (input: readonly number[]) => {
          const pattern = input.reduce((sum, bit, i) => sum + bit * 2 ** i, 0);
          return Array.from({ length: 2 ** bits }, (_, each) => (each === pattern ? 1 : 0));
        },
        rows: mintermRows(bits),
      };
      assertSound(gadget);
      assertHonest({ ...gadget, rows: [0, 0, 1, 4, 11][bits] as number });
    });
  }
});
