import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachInteger } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignFitted, constrainFit, fitRows, type FitParameters } from './fit.js';

function wrapped(x: number, lo: number, hi: number): number {
  const size = BigInt(hi) - BigInt(lo) + 1n;
  const offset = (BigInt(x) - BigInt(lo)) % size;
  return Number(offset < 0n ? offset + size : offset) + lo;
}

function gadget(parameters: FitParameters, inputs: readonly (readonly number[])[]) {
  const result = (x: number): number => (parameters.mode === 'wrap' ? wrapped(x, parameters.lo, parameters.hi) : x);
  return {
    prime: 257,
    build: (cs: ConstraintSystem, [x]: readonly LinearCombination[]) => [constrainFit(cs, x as LinearCombination, parameters)],
    assign: (sink: WitnessSink, first: number, [x]: readonly number[]) => assignFitted(sink, first, result(x as number), x as number, parameters),
    inputs,
    expected: ([x]: readonly number[]) => (parameters.mode === 'guard' && ((x as number) < parameters.lo || (x as number) > parameters.hi) ? undefined : [result(x as number)]),
    rows: fitRows(parameters) + 1,
  };
}

const INT32 = { lo: -(2 ** 31), hi: 2 ** 31 - 1 };

/** For the honest prover, who has a witness for every input. */
function honest(parameters: FitParameters, inputs: readonly (readonly number[])[]) {
  const { expected, ...rest } = gadget(parameters, inputs);
  return { ...rest, expected: (input: readonly number[]) => expected(input) ?? [] };
}

describe('fit', () => {
  it('exact: a wire of its own', () => assertSound(gadget({ mode: 'exact' }, eachInteger(-3, 3))));

  it('guard: what is outside has no witness', () => {
    assertSound(gadget({ mode: 'guard', lo: -4, hi: 3 }, eachInteger(-20, 20)));
    assertSound(gadget({ mode: 'guard', lo: 0, hi: 1 }, eachInteger(-3, 4)));
  });

  it('wrap: modulo the size of the range, exhaustive, every row needed', () => {
    assertSound(gadget({ mode: 'wrap', lo: -4, hi: 3, qLo: -1, qHi: 2 }, eachInteger(-12, 19)));
    assertSound(gadget({ mode: 'wrap', lo: 0, hi: 7, qLo: 0, qHi: 1 }, eachInteger(0, 15)));
    const ambiguous = { 'the quotient 1 of [−1, 1] is 1 + 0 or 0 + 1': [3, 4] };
    assertSound(gadget({ mode: 'wrap', lo: -4, hi: 3, qLo: -1, qHi: 1 }, eachInteger(-12, 11)), { free: ambiguous });
  });

  it('the witness satisfies the rows for real sizes', () => {
    for (const parameters of [
      { mode: 'wrap', lo: -128, hi: 127, qLo: -64, qHi: 64 },
      { mode: 'wrap', ...INT32, qLo: -(2 ** 20), qHi: 2 ** 20 },
      { mode: 'guard', lo: -(2 ** 51), hi: 2 ** 51 - 1 },
    ] as const) {
      const reach = parameters.mode === 'guard' ? parameters.hi : parameters.hi * parameters.qHi;
      fc.assert(fc.property(fc.array(fc.integer({ min: -reach, max: reach }).map((x) => [x]), { minLength: 1 }), (inputs) => assertHonest(honest(parameters, inputs))), { numRuns: 30 });
    }
  });

  it('rows', () => {
    assert.equal(fitRows({ mode: 'exact' }), 0);
    assert.equal(fitRows({ mode: 'wrap', ...INT32, qLo: -1, qHi: 1 }), 34);
    assert.equal(fitRows({ mode: 'wrap', ...INT32, qLo: -(2 ** 30), qHi: 2 ** 30 }), 64);
    assert.equal(fitRows({ mode: 'wrap', lo: -128, hi: 127, qLo: -1, qHi: 1 }), 10);
    assert.equal(fitRows({ mode: 'guard', lo: -(2 ** 51), hi: 2 ** 51 - 1 }), 52);
  });
});
