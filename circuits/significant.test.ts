import { describe, it } from 'node:test';
import assert from 'node:assert/strict';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { seeded } from '../test/support/seeded.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachInteger } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignSignificant, constrainSignificant, significant, significantRows, type SignificantParameters } from './significant.js';

/** The meaning, by trying all multiples. */
function rounded(z: number, { precision }: SignificantParameters): number {
  let unit = 1;
  while (z >= unit * 2 ** precision) unit *= 2;
  const below = Math.floor(z / unit);
  const rest = z - below * unit;
  return (rest * 2 > unit || (rest * 2 === unit && below % 2 === 1) ? below + 1 : below) * unit;
}

function gadget(parameters: SignificantParameters, inputs: readonly (readonly number[])[], prime = 127) {
  return {
    prime,
    build: (cs: ConstraintSystem, [z]: readonly LinearCombination[]) => [constrainSignificant(cs, z as LinearCombination, parameters)],
    assign: (sink: WitnessSink, first: number, [z]: readonly number[]) => assignSignificant(sink, first, BigInt(z as number), parameters),
    inputs,
    expected: ([z]: readonly number[]) => [rounded(z as number, parameters)],
    rows: significantRows(parameters),
  };
}

describe('significant', () => {
  for (const [precision, excess] of [[2, 1], [2, 2], [3, 1], [3, 2], [2, 3]] as const) {
    it(`${precision} bits and ${excess} beyond: exhaustive, every row needed`, () => {
      const free = excess > 1 ? {
        'the exponent of zero': Array.from({ length: excess - 1 }, (_, e) => e + 1),
        'the inverse of the rest, where that is 0': [precision + 2 * excess + 2],
      } : {};
      assertSound(gadget({ precision, excess }, eachInteger(0, 2 ** (precision + excess) - 1)), { free });
    });
  }

  it('the witness satisfies the rows for sums of float32 numbers, and rounds as float32 does', () => {
    const random = seeded(3);
    const inputs = Array.from({ length: 60 }, (_, i) => [Math.floor(random() * 2 ** (10 + (i % 41)))]);
    inputs.push([0], [1], [2 ** 24 - 1], [2 ** 24 + 1], [2 ** 24 + 3], [2 ** 50 - 1], [2 ** 50 - 2 ** 25]);
    for (const [z] of inputs) assert.equal(Number(significant(BigInt(z as number), 24)), Math.fround(z as number));
    const parameters = { precision: 24, excess: 27 };
    assertHonest({ ...gadget(parameters, inputs), rows: 86 });
    assertHonest(gadget({ precision: 24, excess: 1 }, [[0], [2 ** 24 - 1], [2 ** 24 + 1], [2 ** 24 + 2], [2 ** 25 - 1]]));
    assert.equal(significantRows({ precision: 24, excess: 0 }), 0);
  });
});
