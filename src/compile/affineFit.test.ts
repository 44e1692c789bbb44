import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { requantize } from '../program/float32.js';
import { evaluateStep, stepFunction, type StepFunction } from '../program/step.js';
import { fitAffine, type AffineForm } from './affineFit.js';

const INT8 = { zeroPoint: 3, lo: -128, hi: 127 };

function clampedValue({ lo, thresholds }: StepFunction, { m, b, d }: AffineForm, x: number): number {
  return lo + Math.min(Math.max(Math.floor((m * x + b) / d), 0), thresholds.length);
}

describe('fitAffine', () => {
  it('equals the step on every integer of the range, for random float32 multipliers', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(0.004), max: 2, noNaN: true }), fc.integer({ min: -128, max: 127 }), (multiplier, zeroPoint) => {
        const quantization = { ...INT8, zeroPoint };
        const step = stepFunction((x) => requantize(x, multiplier, quantization), -20_000, 20_000);
        const form = fitAffine(step);
        if (form === undefined) return;
        for (let x = -20_000; x <= 20_000; x++) assert.equal(clampedValue(step, form, x), evaluateStep(step, x));
      }),
      { numRuns: 60 },
    );
  });

  it('finds a fit for nearly every multiplier, and the smallest divisor', () => {
    let found = 0;
    for (let i = 0; i < 100; i++) {
      // Decimal fractions such as 0.05 would meet exact ties.
      const multiplier = Math.fround(0.0101 + (i * 0.0618033988) % 0.5);
      const step = stepFunction((x) => requantize(x, multiplier, INT8), -30_000, 30_000);
      if (fitAffine(step) !== undefined) found++;
    }
    assert.ok(found >= 98, `${found} of 100`);

    // By brute force: no divisor below the one found has any slope and intercept.
    const step = stepFunction((x) => requantize(x, Math.fround(0.37), { ...INT8, lo: -4, hi: 9 }), -60, 60);
    const form = fitAffine(step);
    assert.ok(form !== undefined);
    for (let d = 1; d < form.d; d++) {
      for (let m = 1; m <= d; m++) {
        for (let b = -60 * m - d; b <= 60 * m + 14 * d; b++) {
          const fits = Array.from({ length: 121 }, (_, i) => i - 60).every((x) => clampedValue(step, { m, b, d }, x) === evaluateStep(step, x));
          assert.ok(!fits, `d = ${d} fits too`);
        }
      }
    }
  });

  it('refuses exact ties, which round half to even', () => {
    const step = stepFunction((x) => requantize(x, 0.5, INT8), -1000, 1000);
    assert.equal(fitAffine(step), undefined);
  });

  it('handles one threshold and jumps of several levels', () => {
    for (const thresholds of [[7], [5, 5, 6, 6, 7, 8, 8, 9, 9]]) {
      const step = { xLo: -100, xHi: 100, lo: 0, thresholds: Int32Array.from(thresholds) };
      const form = fitAffine(step);
      assert.ok(form !== undefined);
      for (let x = -100; x <= 100; x++) assert.equal(clampedValue(step, form, x), evaluateStep(step, x));
    }
  });
});
