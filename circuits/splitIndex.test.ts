import { describe, it } from 'node:test';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachTuple } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignLookUp, assignSplitIndex, lookUp, lookUpRows, splitIndex, splitIndexRows } from './splitIndex.js';

/** Two tables that are read by the same bits, one of them shorter than the bits reach. */
const TABLES = [Array.from({ length: 16 }, (_, entry) => (7 * entry + 3) % 19), [5, 0, 11, 4, 8]] as const;

describe('tables by a split index', () => {
  for (const bits of [1, 2, 3, 4]) {
    it(`of ${bits} bits: the entries that they name; every row is needed`, () => {
      const indexOf = (input: readonly number[]): number => input.reduce((sum, bit, i) => sum + bit * 2 ** i, 0);
      const gadget = {
        prime: 101,
        build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => {
          const index = splitIndex(cs, inputs);
          return TABLES.map((table) => lookUp(cs, index, table));
        },
        assign: (sink: WitnessSink, first: number, input: readonly number[]) => {
          const index = indexOf(input);
          return TABLES.reduce((next, table) => assignLookUp(sink, next, { bits, index, entry: table[index] ?? 0 }), assignSplitIndex(sink, first, input));
        },
        inputs: eachTuple(bits, 0, 1),
        expected: (input: readonly number[]) => TABLES.map((table) => table[indexOf(input)] ?? 0),
        rows: splitIndexRows(bits) + 2 * lookUpRows(bits),
      };
      assertSound(gadget);
      assertHonest({ ...gadget, rows: [2, 4, 5, 10][bits - 1] as number });
    });
  }
});
