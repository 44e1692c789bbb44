import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { eachInteger, examine } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignDivide, constrainDivide, divideRows, type DivideParameters } from './divide.js';

/** The meaning, in big integers, whose / and % truncate. */
function divided({ rounding, result }: DivideParameters, a: bigint, d: bigint): bigint {
  const remainder = a % d;
  const correction = rounding === 'floor' && remainder !== 0n && remainder < 0n !== d < 0n ? 1n : 0n;
  return result === 'quotient' ? a / d - correction : remainder + correction * d;
}

function gadget(parameters: DivideParameters, inputs?: readonly (readonly number[])[]) {
  const { aLo, aHi, dLo, dHi } = parameters;
  return {
    prime: 1009,
    build: (cs: ConstraintSystem, [a, d]: readonly LinearCombination[]) => [constrainDivide(cs, a as LinearCombination, d as LinearCombination, parameters)],
    assign: (sink: WitnessSink, first: number, [a, d]: readonly number[]) => assignDivide(sink, first, a as number, d as number, parameters),
    inputs: inputs ?? eachInteger(aLo, aHi).flatMap((a) => eachInteger(dLo, dHi).map((d) => [...a, ...d])),
    expected: ([a, d]: readonly number[]) => (d === 0 ? undefined : [Number(divided(parameters, BigInt(a as number), BigInt(d as number)))]),
    rows: divideRows(parameters),
  };
}

/** The same without the case that has no witness, for the honest prover. */
function honest(parameters: DivideParameters, inputs: readonly (readonly number[])[]) {
  const { expected, ...rest } = gadget(parameters, inputs);
  return { ...rest, expected: (input: readonly number[]) => expected(input) ?? [] };
}

const KINDS = (['floor', 'truncate'] as const).flatMap((rounding) => (['quotient', 'remainder'] as const).map((result) => ({ rounding, result })));

const BOUNDS = {
  unsigned: { aLo: 0, aHi: 7, dLo: 0, dHi: 4 },
  signed: { aLo: -7, aHi: 7, dLo: -4, dHi: 4 },
  'signed by positive': { aLo: -7, aHi: 7, dLo: 1, dHi: 4 },
  'positive by signed': { aLo: 0, aHi: 7, dLo: -4, dHi: 4 },
  'negative by negative': { aLo: -7, aHi: 0, dLo: -4, dHi: -1 },
  'unsigned by 4': { aLo: 0, aHi: 15, dLo: 4, dHi: 4 },
  'signed by −4': { aLo: -15, aHi: 15, dLo: -4, dHi: -4 },
  'negative by 2': { aLo: -7, aHi: 0, dLo: 2, dHi: 2 },
} as const;

describe('divide', () => {
  for (const [name, bounds] of Object.entries(BOUNDS)) {
    for (const kind of KINDS) {
      it(`${name}, ${kind.rounding}, ${kind.result}: exhaustive, every row needed`, () => {
        // Wires may differ where it does not matter: the sign of 0, and patterns of bits with mixed weights.
        const { wrong, idleRows } = examine(gadget({ ...bounds, ...kind }));
        assert.deepEqual(wrong, []);
        // Without the row that makes s_d a boolean, D = t·d and a' = t·a for some t, which has the same quotient, but not the same remainder.
        const scales = kind.rounding === 'floor' && kind.result === 'quotient' && bounds.dLo < 0 && bounds.dHi > 0;
        assert.deepEqual(idleRows, scales ? [3] : []);
      });
    }
  }

  it('the witness satisfies the rows for real sizes', () => {
    for (const [aLo, aHi, dLo, dHi] of [
      [0, 255, 0, 255],
      [-128, 127, -128, 127],
      [-(2 ** 31), 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 1],
      [-(2 ** 51), 2 ** 51 - 1, -(2 ** 51), 2 ** 51 - 1],
      [-(2 ** 51), 2 ** 51 - 1, -7, -7],
      [0, 2 ** 52 - 1, 1000, 1000],
    ] as const) {
      const edge = (lo: number, hi: number) => fc.oneof(fc.constantFrom(lo, lo + 1, hi, ...[-1, 0, 1].filter((x) => x >= lo && x <= hi)), fc.integer({ min: lo, max: hi }));
      const divisor = dLo === dHi ? fc.constant(dLo) : edge(dLo, dHi).filter((d) => d !== 0);
      fc.assert(
        fc.property(fc.constantFrom(...KINDS), fc.array(fc.tuple(edge(aLo, aHi), divisor), { minLength: 1 }), (kind, inputs) => assertHonest(honest({ aLo, aHi, dLo, dHi, ...kind }, inputs))),
        { numRuns: 40 },
      );
    }
  });

  it('rows', () => {
    const of = (aLo: number, aHi: number, dLo: number, dHi: number, rounding: 'floor' | 'truncate' = 'truncate', result: 'quotient' | 'remainder' = 'quotient') => divideRows({ aLo, aHi, dLo, dHi, rounding, result });
    assert.equal(of(0, 255, 1, 255), 25);
    assert.equal(of(-128, 127, -128, 127), 29);
    assert.equal(of(-(2 ** 31), 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 1), 101);
    assert.equal(of(0, 255, 10, 10), 10);
    assert.equal(of(-128, 127, 10, 10), 11);
    assert.equal(of(-128, 127, 10, 10, 'floor', 'remainder'), 10);
  });
});
