import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachInteger } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignWide, bitLength, constrainWide } from './wideRange.js';

function gadget(bits: number, inputs: readonly (readonly number[])[]) {
  return {
    prime: 101,
    build: (cs: ConstraintSystem, [value]: readonly LinearCombination[]) => {
      constrainWide(cs, value as LinearCombination, bits);
      return [];
    },
    assign: (sink: WitnessSink, first: number, [value]: readonly number[]) => assignWide(sink, first, BigInt(value as number), bits),
    inputs,
    expected: ([value]: readonly number[]) => ((value as number) >= 0 && (value as number) < 2 ** bits ? [] : undefined),
    rows: bits,
  };
}

describe('wide range', () => {
  it('exhaustive, every row needed', () => {
    for (const bits of [1, 2, 4]) assertSound(gadget(bits, eachInteger(-20, 40)));
  });
  it('the witness satisfies the rows for 80 bits', () => {
    assertHonest({ ...gadget(80, [[0], [1], [2 ** 52 + 1], [2 ** 40]]), expected: () => [] });
    assert.deepEqual([0n, 1n, 255n, 256n, 2n ** 90n].map(bitLength), [0, 1, 8, 9, 91]);
  });
});
