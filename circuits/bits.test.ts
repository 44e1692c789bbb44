import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachInteger } from '../test/soundness/trial.js';
import { assignBits, bitsRows, constrainBits, type BitsParameters } from './bits.js';
import type { ConstraintSystem } from './constraintSystem.js';

function gadget(parameters: BitsParameters, inputs: readonly (readonly number[])[]) {
  const { width } = parameters;
  return {
    prime: 257,
    build: (cs: ConstraintSystem, [x]: readonly LinearCombination[]) => constrainBits(cs, x as LinearCombination, parameters),
    assign: (sink: WitnessSink, first: number, [x]: readonly number[]) => assignBits(sink, first, x as number, parameters),
    inputs,
    // The meaning, from the two's complement of big integers.
    expected: ([x]: readonly number[]) => Array.from({ length: width }, (_, bit) => Number((BigInt.asUintN(width, BigInt(x as number)) >> BigInt(bit)) & 1n)),
    rows: bitsRows(parameters),
  };
}

describe('bits', () => {
  it('exhaustive, every row needed', () => {
    assertSound(gadget({ width: 1, signed: false }, eachInteger(0, 1)), { idle: { 'the sum says b = x': [1] } });
    assertSound(gadget({ width: 5, signed: false }, eachInteger(0, 31)));
    assertSound(gadget({ width: 5, signed: true }, eachInteger(-16, 15)));
  });

  it('a value that does not fit has no witness', () => {
    const outside = gadget({ width: 3, signed: false }, [...eachInteger(-9, -1), ...eachInteger(8, 20)]);
    assertSound({ ...outside, expected: () => undefined });
  });

  it('the witness satisfies the rows for real sizes', () => {
    for (const [width, signed] of [[8, true], [32, false], [32, true], [52, true], [52, false]] as const) {
      const [lo, hi] = signed ? [-(2 ** (width - 1)), 2 ** (width - 1) - 1] : [0, 2 ** width - 1];
      const value = fc.oneof(fc.constantFrom(lo, 0, 1, hi), fc.integer({ min: lo, max: hi }));
      fc.assert(fc.property(fc.array(value.map((x) => [x]), { minLength: 1 }), (inputs) => assertHonest(gadget({ width, signed }, inputs))), { numRuns: 20 });
    }
    assert.equal(bitsRows({ width: 8, signed: true }), 9);
  });
});
