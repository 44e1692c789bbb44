import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachTuple } from '../test/soundness/trial.js';
import { bilinearRows, constrainBilinear, type BilinearParameters } from './bilinear.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignFitted } from './fit.js';

function gadget(parameters: BilinearParameters, inputs: readonly (readonly number[])[]) {
  const { product, left, right, constant, fit } = parameters;
  const exact = ([a, b]: readonly number[]): bigint => BigInt(product) * BigInt(a as number) * BigInt(b as number) + BigInt(left) * BigInt(a as number) + BigInt(right) * BigInt(b as number) + BigInt(constant);
  const result = (input: readonly number[]): number => {
    const x = exact(input);
    if (fit.mode !== 'wrap') return Number(x);
    const size = BigInt(fit.hi) - BigInt(fit.lo) + 1n;
    const offset = (x - BigInt(fit.lo)) % size;
    return Number(offset < 0n ? offset + size : offset) + fit.lo;
  };
  return {
    prime: 257,
    build: (cs: ConstraintSystem, [a, b]: readonly LinearCombination[]) => [constrainBilinear(cs, a as LinearCombination, b as LinearCombination, parameters)],
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => assignFitted(sink, first, result(input), exact(input), fit),
    inputs,
    expected: (input: readonly number[]) => (fit.mode === 'guard' && (result(input) < fit.lo || result(input) > fit.hi) ? undefined : [result(input)]),
    rows: bilinearRows(parameters),
  };
}

const EXACT = { mode: 'exact' } as const;
const PRODUCT = { product: 1, left: 0, right: 0, constant: 0 };

/** For the honest prover, who has a witness for every input. */
function honest(parameters: BilinearParameters, inputs: readonly (readonly number[])[]) {
  const { expected, ...rest } = gadget(parameters, inputs);
  return { ...rest, expected: (input: readonly number[]) => expected(input) ?? [] };
}

describe('bilinear', () => {
  it('AND, OR, XOR, XNOR of booleans: one row', () => {
    const forms = { and: [PRODUCT, [0, 0, 0, 1]], or: [{ product: -1, left: 1, right: 1, constant: 0 }, [0, 1, 1, 1]], xor: [{ product: -2, left: 1, right: 1, constant: 0 }, [0, 1, 1, 0]], xnor: [{ product: 2, left: -1, right: -1, constant: 1 }, [1, 0, 0, 1]] } as const;
    for (const [form, table] of Object.values(forms)) {
      const parameters = { ...form, fit: EXACT };
      assert.equal(bilinearRows(parameters), 1);
      assert.deepEqual(eachTuple(2, 0, 1).map(gadget(parameters, [[0, 0]]).expected), table.map((value) => [value]));
      assertSound(gadget(parameters, eachTuple(2, 0, 1)));
    }
  });

  it('a product that wraps around, or has no proof outside: exhaustive, every row needed', () => {
    assertSound(gadget({ ...PRODUCT, fit: { mode: 'wrap', lo: -4, hi: 3, qLo: -2, qHi: 1 } }, eachTuple(2, -4, 3).filter(([a, b]) => (a as number) * (b as number) < 12)));
    assertSound(gadget({ ...PRODUCT, left: 1, constant: -2, fit: { mode: 'guard', lo: -4, hi: 3 } }, eachTuple(2, -4, 3)));
  });

  it('the witness satisfies the rows for int32 and 52-bit values', () => {
    const word = fc.oneof(fc.constantFrom(-(2 ** 31), 2 ** 31 - 1, -1, 0), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }));
    const wrap = { ...PRODUCT, fit: { mode: 'wrap', lo: -(2 ** 31), hi: 2 ** 31 - 1, qLo: -(2 ** 30), qHi: 2 ** 30 } } as const;
    fc.assert(fc.property(fc.array(fc.tuple(word, word), { minLength: 1 }), (inputs) => assertHonest(honest(wrap, inputs))), { numRuns: 30 });
    assert.equal(bilinearRows(wrap), 65);
    const long = fc.integer({ min: -(2 ** 25), max: 2 ** 25 });
    const guard = { ...PRODUCT, fit: { mode: 'guard', lo: -(2 ** 51), hi: 2 ** 51 - 1 } } as const;
    fc.assert(fc.property(fc.array(fc.tuple(long, long), { minLength: 1 }), (inputs) => assertHonest(honest(guard, inputs))), { numRuns: 30 });
  });
});
