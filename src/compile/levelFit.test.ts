import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { assignAffineStep, affineStepRows, constrainAffineStep, type AffineStepParameters } from '../../circuits/affineStep.js';
import type { ConstraintSystem } from '../../circuits/constraintSystem.js';
import { rangeWeights } from '../../circuits/range.js';
import { assertHonest } from '../../test/soundness/honest.js';
import { assertSound, eachInteger } from '../../test/soundness/trial.js';
import { requantize } from '../program/float32.js';
import { evaluateStep, stepFunction, type StepFunction } from '../program/step.js';
import type { LinearCombination } from '../r1cs/linearCombination.js';
import type { WitnessSink } from '../r1cs/witness.js';
import { fitAffine } from './affineFit.js';
import { fitAlternatingLevels, fitLevels, fitLevelsWithProducts, type LevelForm } from './levelFit.js';

const INT8 = { zeroPoint: -5, lo: -128, hi: 127 };

interface Pattern {
  readonly level: number;
  /** W, and how many t fit from there. */
  readonly value: number;
  readonly length: number;
}

/** All patterns of bits. */
function patternsOf({ d, span, bend }: LevelForm): Pattern[] {
  const weights = rangeWeights(span);
  return Array.from({ length: 2 ** weights.length }, (_, index) => {
    const factors = weights.map((_, bit) => (index >> bit) & 1);
    const level = weights.reduce((sum, weight, bit) => sum + weight * (factors[bit] as number), 0);
    bend.products.forEach(({ left, right }) => factors.push((factors[left] as number) * (factors[right] as number)));
    const all = [...bend.weights, ...bend.products.map(({ weight }) => weight)];
    const length = d + (bend.longer?.bit === factors[0] ? bend.longer.extra : 0);
    return { level, length, value: all.reduce((sum, weight, i) => sum + weight * (factors[i] as number), 0) };
  });
}

/** Asserts that for x exactly the patterns of its level fit, or that it is saturated at the right end. */
function assertExactAt(step: StepFunction, form: LevelForm, patterns: readonly Pattern[], x: number): void {
  const { m, b, span } = form;
  const t = m * x + b;
  const level = evaluateStep(step, x) - step.lo;
  const size = Math.max(...patterns.map(({ value, length }) => value + length));
  if (t < 0) assert.equal(level, 0, `x = ${x} is saturated below`);
  else if (t >= size) assert.equal(level, span, `x = ${x} is saturated above`);
  else {
    const fitting = new Set(patterns.filter(({ value, length }) => t - value >= 0 && t - value < length).map((pattern) => pattern.level));
    assert.deepEqual([...fitting], [level], `x = ${x}`);
    const all = patterns.filter((pattern) => pattern.level === level);
    assert.ok(all.every(({ value, length }) => t - value >= 0 && t - value < length), `x = ${x}: each pattern of its level fits`);
  }
}

/** Near every threshold, and at the ends: between them nothing changes, as all sides are monotone. */
function assertExact(step: StepFunction, form: LevelForm): void {
  const patterns = patternsOf(form);
  const edges = [...step.thresholds].flatMap((threshold) => [threshold - 1, threshold, threshold + 1]);
  for (const x of [step.xLo, step.xLo + 1, ...edges, step.xHi - 1, step.xHi]) if (x >= step.xLo && x <= step.xHi) assertExactAt(step, form, patterns, x);
}

function parametersOf({ lo, xLo, xHi }: StepFunction, form: LevelForm): AffineStepParameters {
  return { ...form, lo, xLo, xHi };
}

function gadget(step: StepFunction, parameters: AffineStepParameters, inputs: readonly (readonly number[])[]) {
  return {
    prime: 65_521,
    build: (cs: ConstraintSystem, inputs: readonly LinearCombination[]) => [constrainAffineStep(cs, inputs[0] as LinearCombination, parameters)],
    assign: (sink: WitnessSink, first: number, input: readonly number[]) => assignAffineStep(sink, first, input[0] as number, parameters),
    inputs,
    expected: ([x]: readonly number[]) => [evaluateStep(step, x as number)],
    rows: affineStepRows(parameters),
  };
}

describe('fitLevels', () => {
  it('is exact on every integer of the range, for random multipliers and ranges', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(0.02), max: 1, noNaN: true }), fc.integer({ min: -128, max: 127 }), fc.integer({ min: -9_000, max: 2_000 }), fc.integer({ min: 30, max: 12_000 }), (multiplier, zeroPoint, xLo, size) => {
        const step = stepFunction((x) => requantize(x, multiplier, { ...INT8, zeroPoint }), xLo, xLo + size);
        const form = fitLevels(step);
        if (form === undefined) return;
        const patterns = patternsOf(form);
        for (let x = step.xLo; x <= step.xHi; x++) assertExactAt(step, form, patterns, x);
      }),
      { numRuns: 60 },
    );
  });

  it('needs a smaller remainder than a straight line, most of the time', () => {
    let smaller = 0;
    let larger = 0;
    for (let i = 0; i < 60; i++) {
      const multiplier = Math.fround(0.0031 + ((i * 0.0618033988) % 0.05));
      const step = stepFunction((x) => requantize(x, multiplier, INT8), -100_000, 100_000);
      const [bent, straight] = [fitLevels(step), fitAffine(step)];
      if (bent === undefined || straight === undefined) continue;
      assertExact(step, bent);
      if (Math.ceil(Math.log2(bent.d)) < Math.ceil(Math.log2(straight.d))) smaller++;
      if (Math.ceil(Math.log2(bent.d)) > Math.ceil(Math.log2(straight.d))) larger++;
    }
    assert.ok(smaller > 40 && larger < 5, `${smaller} smaller, ${larger} larger`);
  });

  it('fits ties, which have no straight line: every second level is longer', () => {
    for (const multiplier of [0.5, 0.25, 0.125, 2 ** -10, 0.375, 3 * 2 ** -12]) {
      const step = stepFunction((x) => requantize(x, multiplier, INT8), Math.round(-200 / multiplier), Math.round(200 / multiplier));
      assert.equal(fitAffine(step), undefined);
      assert.equal(fitLevels(step), undefined);
      const form = fitAlternatingLevels(step);
      assert.ok(form?.bend.longer !== undefined, `${multiplier}`);
      assertExact(step, form);
      const edges = [...step.thresholds].flatMap((threshold) => [threshold - 1, threshold]);
      assertHonest(gadget(step, parametersOf(step, form), [step.xLo, ...edges, step.xHi].map((x) => [x])));
    }
  });

  it('fits small multipliers, where float32 rounding has moved thresholds, with longer levels or products of bits', () => {
    let fitted = 0;
    for (let i = 0; i < 12; i++) {
      const multiplier = Math.fround(0.0001 + i * 0.0000171);
      const step = stepFunction((x) => requantize(x, multiplier, { ...INT8, zeroPoint: -128 }), -3_000_000, 3_000_000);
      for (const form of [fitLevels(step), fitAlternatingLevels(step), fitLevelsWithProducts(step, false), fitLevelsWithProducts(step, true)]) {
        if (form === undefined) continue;
        fitted++;
        assertExact(step, form);
        const edges = [...step.thresholds].flatMap((threshold) => [threshold - 1, threshold]);
        assertHonest(gadget(step, parametersOf(step, form), [step.xLo, ...edges, step.xHi].map((x) => [x])));
      }
    }
    assert.ok(fitted >= 24, `${fitted} of 48`);
  });

  it('gives up on jumps of several levels and on single thresholds', () => {
    assert.equal(fitLevels({ xLo: -9, xHi: 9, lo: 0, thresholds: Int32Array.of(1, 2, 2, 3) }), undefined);
    assert.equal(fitLevels({ xLo: -9, xHi: 9, lo: 0, thresholds: Int32Array.of(1) }), undefined);
  });

  it('small ones are sound: exhaustive, every row needed', () => {
    const cases = [
      { form: fitLevels, step: { xLo: -5, xHi: 14, lo: 0, thresholds: Int32Array.of(2, 4, 7) }, dense: [3, 4, 5], wire: [2, 3, 4] },
      // Thresholds that no weights of bits fit.
      { form: (step: StepFunction) => fitLevelsWithProducts(step, false), step: { xLo: -5, xHi: 26, lo: 0, thresholds: Int32Array.of(2, 4, 6, 9, 12, 15, 17) }, dense: [], wire: [] },
      // Ties.
      { form: fitAlternatingLevels, step: stepFunction((x) => requantize(x, 0.5, { zeroPoint: 0, lo: -2, hi: 1 }), -9, 8), dense: [3, 4, 6], wire: [2, 3, 5] },
      { form: fitAlternatingLevels, step: stepFunction((x) => requantize(x, 0.25, { zeroPoint: 1, lo: 0, hi: 3 }), -9, 9), dense: [3, 4, 5], wire: [2, 3, 4] },
    ];
    for (const { form: fit, step, dense, wire } of cases) {
      const form = fit(step);
      assert.ok(form !== undefined);
      for (const xIsWire of [false, true]) {
        const trial = gadget(step, { ...parametersOf(step, form), xIsWire }, eachInteger(step.xLo, step.xHi));
        assertHonest(trial);
        assertSound(trial, { free: { 'a remainder may have two patterns of mixed weights, and one with the extra part': xIsWire ? wire : dense } });
      }
    }
  });
});
