import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { roundTogether } from './rounding.js';

const WEIGHTS = Float32Array.of(0.4, 1.45, -0.3, 2.4, -1.6);

/** dᵀ · (H + ridge) · d. */
function errorOf(integers: ArrayLike<number>, covariance: Float64Array, ridge: number, scale = 1): number {
  const difference = Array.from(WEIGHTS, (weight, index) => scale * (integers[index] as number) - weight);
  return difference.reduce((sum, a, row) => sum + ridge * a * a + difference.reduce((inner, b, column) => inner + a * b * (covariance[row * WEIGHTS.length + column] as number), 0), 0);
}

/** Of inputs of which each is a mixture of a common part and its own. */
function covarianceOf(common: number): Float64Array {
  return Float64Array.from({ length: WEIGHTS.length ** 2 }, (_, index) => (Math.floor(index / WEIGHTS.length) === index % WEIGHTS.length ? 1 : common));
}

const NEAREST = [0, 1, 0, 2, -2];

describe('rounding weights together', () => {
  const round = (covariance: Float64Array, ridge: number, scale = 1): number[] => [...roundTogether({ weights: WEIGHTS, scale, covariance, offset: 0, ridge, largest: 127 })];

  it('is rounding to the nearest where inputs have nothing to do with each other, or nothing is known about them', () => {
    assert.deepEqual(round(covarianceOf(0), 0), NEAREST);
    assert.deepEqual(round(new Float64Array(25), 0), NEAREST);
    assert.deepEqual(round(covarianceOf(0.9), 1e6), NEAREST);
  });

  it('finds what no single step makes better, and is never worse than the nearest', () => {
    for (const common of [0.3, 0.6, 0.9, 0.99, -0.2]) {
      const covariance = covarianceOf(common);
      const found = round(covariance, 0.01);
      const own = errorOf(found, covariance, 0.01);
      assert.ok(own <= errorOf(NEAREST, covariance, 0.01) + 1e-12);
      found.forEach((_, index) => {
        for (const step of [-1, 1]) assert.ok(errorOf(found.map((value, at) => value + (at === index ? step : 0)), covariance, 0.01) >= own - 1e-12, `${common}: ${found.join()}`);
      });
    }
    // Inputs that are all the same: only the sum of the weights counts, and it is 2.35. The nearest integers add up to 1.
    assert.equal(round(covarianceOf(0.999), 0).reduce((sum, value) => sum + value, 0), 2);
  });

  it('keeps to the largest integer', () => {
    const found = roundTogether({ weights: Float32Array.of(10, 0.4, 0.4), scale: 1, covariance: new Float64Array(9).fill(1), offset: 0, ridge: 0.01, largest: 3 });
    assert.ok(found.every((value) => Math.abs(value) <= 3), found.join());
  });
});
