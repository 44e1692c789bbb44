import { describe, it } from 'node:test';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { seeded } from '../test/support/seeded.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachInteger } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignTable, constrainTable, tableRows, type TableParameters } from './table.js';

function gadget(parameters: TableParameters) {
  const { lo, values } = parameters;
  return {
    prime: 1009,
    build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => [constrainTable(cs, inputs[0] as LinearCombination, parameters)],
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => assignTable(sink, first, input[0] as number, parameters),
    inputs: eachInteger(lo, lo + values.length - 1),
    expected: ([x]: readonly number[]) => [values[(x as number) - lo] as number],
    rows: tableRows(parameters),
  };
}

describe('table', () => {
  it('exhaustive, every row needed', () => {
    assertSound(gadget({ lo: 0, values: Float64Array.of(5, 3) }), { idle: { 'with one bit, b = x − lo is 0 or 1 because x is': [2] } });
    assertSound(gadget({ lo: -2, values: Float64Array.of(1, -7, 4, 4) }));
    assertSound(gadget({ lo: -3, values: Float64Array.of(9, 8, -1, 0, 3, 5, 2) }));
    assertSound(gadget({ lo: 2, values: Float64Array.of(1, 2, 4, 8, 16, 32, 64, 128, 3, 5, 7, 11, 13, 17, 19, 23) }));
  });

  it('the witness satisfies the rows for 200 and 256 entries', () => {
    const random = seeded(7);
    for (const [count, rows] of [
      [200, 47],
      [256, 47],
    ] as const) {
      const values = Float64Array.from({ length: count }, () => Math.floor(random() * 256) - 128);
      assertHonest({ ...gadget({ lo: -128, values }), rows });
    }
  });
});
