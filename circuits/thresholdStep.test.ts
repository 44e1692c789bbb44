import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { LinearCombination } from '../src/r1cs/linearCombination.js';
import type { WitnessSink } from '../src/r1cs/witness.js';
import { assertHonest } from '../test/soundness/honest.js';
import { assertSound, eachInteger, wrongInputs } from '../test/soundness/trial.js';
import type { ConstraintSystem } from './constraintSystem.js';
import { assignThresholdStep, constrainThresholdStep, thresholdStepRows, type ThresholdStepParameters } from './thresholdStep.js';

function gadget(parameters: ThresholdStepParameters, inputs = eachInteger(parameters.xLo, parameters.xHi)) {
  const { lo, thresholds } = parameters;
  return {
    prime: 1009,
    build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => [constrainThresholdStep(cs, inputs[0] as LinearCombination, parameters)],
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => assignThresholdStep(sink, first, input[0] as number, parameters),
    inputs,
    expected: ([x]: readonly number[]) => [lo + thresholds.filter((threshold) => threshold <= (x as number)).length],
    rows: thresholdStepRows(parameters),
  };
}

const step = (lo: number, xLo: number, xHi: number, thresholds: readonly number[]): ThresholdStepParameters => ({ lo, xLo, xHi, thresholds: Int32Array.from(thresholds) });

const LEVEL = 'a level may have two patterns of mixed weights, and so other products, of the same bounds';
const DISTANCE = 'the same of a distance to a bound';

describe('thresholdStep', () => {
  it('exhaustive, every row needed', () => {
    assertSound(gadget(step(-2, 0, 12, [3, 4, 4, 6, 9, 9, 11])), { free: { [DISTANCE]: [6, 9] } });
    assertSound(gadget(step(0, -4, 8, [-1, 0, 0, 2, 5])), { free: { [LEVEL]: [1, 2, 3, 7, 8] } });
  });

  it('where all intervals are equally wide, either range check would do', () => {
    assertSound(gadget(step(-2, -8, 7, [-4, 0, 4])), { idle: { 'x ≥ L follows from x ≤ U, or the other way round': [0, 1, 2, 3, 6, 7, 8, 9] } });
  });

  it('random functions: one level, skipped levels, any number of levels; the witness satisfies the rows', () => {
    const functions = fc
      .record({ lo: fc.integer({ min: -5, max: 5 }), xLo: fc.integer({ min: -9, max: 9 }), size: fc.integer({ min: 1, max: 14 }), places: fc.array(fc.nat(), { minLength: 1, maxLength: 9 }) })
      .map(({ lo, xLo, size, places }) => step(lo, xLo, xLo + size, places.map((place) => xLo + 1 + (place % size)).sort((left, right) => left - right)));
    fc.assert(
      fc.property(functions, (parameters) => {
        assertHonest(gadget(parameters));
        assert.deepEqual(wrongInputs(gadget(parameters)), []);
      }),
      { numRuns: 150 },
    );
  });

  it('256 levels and 32-bit x', () => {
    const thresholds = Array.from({ length: 255 }, (_, i) => Math.round(-3_000_000 + i * 23_529.4 + 40 * Math.sin(i * i)));
    for (const [xLo, xHi, rows] of [
      [-3_100_000, 3_100_000, 96],
      [-(2 ** 31), 2 ** 31 - 1, 124],
    ] as const) {
      const parameters = step(-128, xLo, xHi, thresholds);
      const edges = thresholds.flatMap((threshold) => [threshold - 1, threshold]).concat(xLo, xHi);
      assertHonest({ ...gadget(parameters, edges.map((x) => [x])), rows });
    }
  });
});
