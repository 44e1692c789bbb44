import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachInteger, wrongInputs, type Exceptions } from '../test/soundness/trial.js';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { affineStepRows, assignAffineStep, constrainAffineStep, type AffineStepParameters } from './affineStep.js';
import type { ConstraintSystem } from './constraintSystem.js';

/** y from the meaning: for a bent line, by looking for the one level that fits. */
function meaning({ m, b, d, span, lo, bend }: AffineStepParameters, x: number): number {
  const t = m * x + b;
  if (bend === undefined) return lo + Math.min(Math.max(Math.floor(t / d), 0), span);
  assert.equal(span, 2 ** bend.weights.length - 1);
  const value = (level: number): number => {
    const factors = bend.weights.map((_, i) => (level >> i) & 1);
    bend.products.forEach(({ left, right }) => factors.push((factors[left] as number) * (factors[right] as number)));
    return [...bend.weights, ...bend.products.map(({ weight }) => weight)].reduce((sum, weight, i) => sum + weight * (factors[i] as number), 0);
  };
  if (t < 0) return lo;
  if (t >= value(span) + d + (bend.longer?.bit === 1 ? bend.longer.extra : 0)) return lo + span;
  const reach = (level: number): number => d + (level % 2 === bend.longer?.bit ? bend.longer.extra : 0);
  const fitting = Array.from({ length: span + 1 }, (_, level) => level).filter((level) => t - value(level) >= 0 && t - value(level) < reach(level));
  assert.equal(fitting.length, 1, `x = ${x} has ${fitting.length} levels`);
  return lo + (fitting[0] as number);
}

const MIXED = 'patterns of mixed weights: one value may have two';
const EXACT = 'd = 1: the equation alone forces Y (such a step is a linear map, and never gets here)';

const ALIKE = 'a remainder of a longer level may be spelled with and without its boolean';

interface Case extends Exceptions {
  readonly name: string;
  readonly parameters: AffineStepParameters;
  readonly rows: number;
}

const CASES: readonly Case[] = [
  { name: 'inside', parameters: { m: 2, b: 1, d: 5, span: 3, lo: -2, xLo: 0, xHi: 9 }, rows: 6, free: { [MIXED]: [2, 3, 4] } },
  { name: 'inside, powers of two', parameters: { m: 1, b: 0, d: 4, span: 3, lo: 7, xLo: 0, xHi: 15 }, rows: 5 },
  { name: 'inside, d = 1', parameters: { m: 1, b: 4, d: 1, span: 7, lo: 0, xLo: -4, xHi: 3 }, rows: 4, idle: { [EXACT]: [1, 2, 3] } },
  { name: 'inside, x a wire', parameters: { m: 2, b: 1, d: 5, span: 3, lo: -2, xLo: 0, xHi: 9, xIsWire: true }, rows: 5, free: { [MIXED]: [2, 3] } },
  { name: 'inside, x a wire, d = 1', parameters: { m: 1, b: 4, d: 1, span: 7, lo: 0, xLo: -4, xHi: 3, xIsWire: true }, rows: 4, idle: { [EXACT]: [0, 1, 2] } },
  { name: 'inside, m < 0', parameters: { m: -1, b: 9, d: 3, span: 3, lo: 0, xLo: -2, xHi: 9 }, rows: 5, free: { [MIXED]: [2, 3] } },
  { name: 'below, apart', parameters: { m: 1, b: 1, d: 4, span: 3, lo: 5, xLo: -5, xHi: 14 }, rows: 6 },
  { name: 'below, apart, two bits beyond', parameters: { m: 1, b: 0, d: 2, span: 1, lo: 5, xLo: -8, xHi: 3 }, rows: 6 },
  { name: 'below, apart, x a wire', parameters: { m: 2, b: 1, d: 5, span: 2, lo: -1, xLo: -12, xHi: 6, xIsWire: true }, rows: 7, free: { [MIXED]: [1, 2, 3, 4] } },
  { name: 'above, apart', parameters: { m: 1, b: 8, d: 4, span: 3, lo: 5, xLo: -8, xHi: 10 }, rows: 6 },
  { name: 'above, apart, x a wire, a bit beyond', parameters: { m: 3, b: 24, d: 6, span: 3, lo: 5, xLo: -8, xHi: 10, xIsWire: true }, rows: 7, free: { [MIXED]: [3, 4] } },
  { name: 'both, apart', parameters: { m: 1, b: 1, d: 4, span: 3, lo: -2, xLo: -5, xHi: 18 }, rows: 6 },
  { name: 'both, apart, mixed weights', parameters: { m: 2, b: 1, d: 6, span: 4, lo: -2, xLo: -5, xHi: 19 }, rows: 8, free: { [MIXED]: [1, 2, 5, 6] } },
  { name: 'both, apart, x a wire', parameters: { m: 2, b: 1, d: 5, span: 3, lo: -2, xLo: -5, xHi: 14, xIsWire: true }, rows: 6, free: { [MIXED]: [2, 3, 4] } },
  { name: 'both, apart, two levels', parameters: { m: 2, b: 1, d: 5, span: 1, lo: -2, xLo: -5, xHi: 14, xIsWire: true }, rows: 6, free: { [MIXED]: [1, 2, 3] } },
  { name: 'both, apart, m < 0', parameters: { m: -2, b: 3, d: 5, span: 3, lo: -2, xLo: -14, xHi: 9 }, rows: 7, free: { [MIXED]: [3, 4, 5] } },
  { name: 'below, shared', parameters: { m: 1, b: 0, d: 1, span: 3, lo: 5, xLo: -12, xHi: 3 }, rows: 7 },
  { name: 'below, shared, bits beyond', parameters: { m: 1, b: 0, d: 2, span: 3, lo: 5, xLo: -30, xHi: 7 }, rows: 8 },
  { name: 'above, shared', parameters: { m: 1, b: 0, d: 2, span: 3, lo: 5, xLo: 0, xHi: 38 }, rows: 8 },
  { name: 'both, shared', parameters: { m: 1, b: 0, d: 1, span: 7, lo: -2, xLo: -7, xHi: 15 }, rows: 7 },
  { name: 'bent by a product', parameters: { m: 2, b: 0, d: 4, span: 3, lo: -1, xLo: 0, xHi: 7, bend: { weights: [3, 7], products: [{ left: 0, right: 1, weight: 1 }] } }, rows: 6 },
  { name: 'bent, even levels longer', parameters: { m: 1, b: 0, d: 3, span: 3, lo: -1, xLo: 0, xHi: 13, bend: { weights: [4, 7], products: [], longer: { bit: 0, extra: 1 } } }, rows: 7, free: { [ALIKE]: [2, 3, 4] } },
  { name: 'bent, odd levels longer', parameters: { m: 1, b: 0, d: 3, span: 3, lo: -1, xLo: 0, xHi: 13, bend: { weights: [3, 7], products: [], longer: { bit: 1, extra: 1 } } }, rows: 7, free: { [ALIKE]: [2, 3, 4] } },
  { name: 'bent, odd levels longer, x a wire', parameters: { m: 1, b: 0, d: 3, span: 3, lo: -1, xLo: 0, xHi: 13, xIsWire: true, bend: { weights: [3, 7], products: [], longer: { bit: 1, extra: 1 } } }, rows: 6, free: { [ALIKE]: [2, 3] } },
  { name: 'bent, odd levels longer, both saturated', parameters: { m: 1, b: 0, d: 3, span: 3, lo: -1, xLo: -4, xHi: 17, bend: { weights: [3, 7], products: [], longer: { bit: 1, extra: 1 } } }, rows: 8, free: { [ALIKE]: [3, 4, 5] } },
  { name: 'both, shared, mixed weights', parameters: { m: 2, b: 3, d: 3, span: 2, lo: -2, xLo: -16, xHi: 18 }, rows: 8, free: { [MIXED]: [1, 3, 4] } },
];

/** The gadget over some inputs. */
function gadget(parameters: AffineStepParameters, inputs = eachInteger(parameters.xLo, parameters.xHi)) {
  return {
    // Above every difference that a row compares: m·(X − x) with X beyond the barrier.
    prime: 4099,
    build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => [constrainAffineStep(cs, inputs[0] as LinearCombination, parameters)],
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => assignAffineStep(sink, first, input[0] as number, parameters),
    inputs,
    expected: (input: readonly number[]) => [meaning(parameters, input[0] as number)],
    rows: affineStepRows(parameters),
  };
}

describe('affineStep', () => {
  for (const { name, parameters, rows, ...exceptions } of CASES) {
    it(`${name}: one output for each input; every row is needed`, () => assertSound(gadget(parameters), exceptions));

    it(`${name}: the witness satisfies the rows`, () => {
      assert.equal(affineStepRows(parameters), rows);
      assertHonest(gadget(parameters));
    });
  }

  it('random parameters: sound, and the witness satisfies the rows', () => {
    const parameters = fc
      .record({
        m: fc.integer({ min: -4, max: 4 }).filter((m) => m !== 0),
        b: fc.integer({ min: -9, max: 9 }),
        d: fc.integer({ min: 1, max: 7 }),
        span: fc.integer({ min: 1, max: 5 }),
        lo: fc.integer({ min: -3, max: 3 }),
        xLo: fc.integer({ min: -12, max: 3 }),
        size: fc.integer({ min: 0, max: 16 }),
        xIsWire: fc.boolean(),
      })
      .map(({ size, ...rest }) => ({ ...rest, xHi: rest.xLo + size }));
    fc.assert(
      fc.property(parameters, (given) => {
        assertHonest(gadget(given));
        assert.deepEqual(wrongInputs(gadget(given)), []);
      }),
      { numRuns: 300 },
    );
  });

  it('real sizes: eight bits, large remainders, values at the edges and random ones', () => {
    const bounds = [
      { xLo: -100, xHi: 9_000, rows: [23, 22] },
      { xLo: -400, xHi: 9_000, rows: [24, 23] },
      { xLo: -1_000_000, xHi: 9_000, rows: [25, 25] },
      { xLo: 3_000, xHi: 2_000_000_000, rows: [34, 34] },
      { xLo: -2_000_000_000, xHi: 2_000_000_000, rows: [35, 35] },
      { xLo: -80_000, xHi: 80_000, rows: [25, 25] },
      { xLo: -5_000, xHi: 30_000, rows: [25, 24] },
    ] as const;
    for (const { xLo, xHi, rows } of bounds) {
      for (const xIsWire of [false, true]) {
        const parameters = { m: 181, b: 40_123, d: 9_731, span: 255, lo: -128, xLo, xHi, xIsWire };
        assert.equal(affineStepRows(parameters), rows[xIsWire ? 1 : 0]);
        const lowest = Math.ceil(-parameters.b / parameters.m);
        const over = Math.ceil((parameters.d * 256 - parameters.b) / parameters.m);
        const edges = [xLo, xLo + 1, lowest - 1, lowest, over - 1, over, xHi - 1, xHi].filter((x) => x >= xLo && x <= xHi);
        fc.assert(
          fc.property(fc.array(fc.integer({ min: xLo, max: xHi }), { maxLength: 20 }), (values) => assertHonest(gadget(parameters, [...edges, ...values].map((x) => [x])))),
          { numRuns: 10 },
        );
      }
    }
  });
});
