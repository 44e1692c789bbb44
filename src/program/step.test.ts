import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isZkonnxError } from '../errors/index.js';
import { requantize, roundHalfEven } from './float32.js';
import { fma32 } from './fma32.js';
import { evaluateStep, stepFunction } from './step.js';

describe('step functions', () => {
  it('equal the function that they were found from', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(1e-4), max: 4, noNaN: true }), fc.integer({ min: -128, max: 127 }), fc.integer({ min: -3000, max: 0 }), fc.integer({ min: 0, max: 3000 }), (multiplier, zeroPoint, xLo, xHi) => {
        const evaluate = (x: number) => requantize(x, multiplier, { zeroPoint, lo: -128, hi: 127 });
        const step = stepFunction(evaluate, xLo, xHi);
        assert.equal(step.thresholds.length, evaluate(xHi) - evaluate(xLo));
        for (let x = xLo; x <= xHi; x++) assert.equal(evaluateStep(step, x), evaluate(x));
      }),
      { numRuns: 50 },
    );
  });

  it('refuses what would not fit in memory, and operands beyond int32', () => {
    const refused = (error: unknown) => isZkonnxError(error) && error.code === 'OPERATOR_UNSUPPORTED';
    assert.throws(() => stepFunction((x) => Math.max(x, 0), -(2 ** 31), 2 ** 31 - 1), refused);
    assert.throws(() => stepFunction((x) => (x < 3e9 ? 0 : 1), 0, 2 ** 32 - 1), refused);
    assert.equal(stepFunction((x) => (x < 0 ? 0 : 1), -(2 ** 31), 2 ** 31 - 1).thresholds[0], 0);
  });

  it('rounds halves to even', () => {
    assert.deepEqual([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, 2.6].map(roundHalfEven).map((value) => value + 0), [-2, -2, 0, 0, 2, 2, 2, 3]);
  });
});

/** A float32 as mantissa · 2^exponent, for arithmetic in big integers. */
function parts(value: number): { mantissa: bigint; exponent: number } {
  const exponent = -1100;
  let mantissa = 0n;
  let rest = Math.abs(value);
  let scale = exponent;
  if (rest !== 0) {
    scale = Math.floor(Math.log2(rest)) - 30;
    while (!Number.isInteger(rest / 2 ** scale)) scale--;
    rest /= 2 ** scale;
    mantissa = BigInt(rest) * (value < 0 ? -1n : 1n);
  }
  return { mantissa, exponent: scale };
}

/** The float32 nearest to mantissa · 2^exponent, ties to even. */
function nearestFloat(mantissa: bigint, exponent: number): number {
  const sign = mantissa < 0n ? -1 : 1;
  let magnitude = mantissa < 0n ? -mantissa : mantissa;
  let scale = exponent;
  const excess = magnitude.toString(2).length - 24;
  if (excess > 0) {
    const unit = 1n << BigInt(excess);
    const remainder = magnitude % unit;
    magnitude /= unit;
    if (remainder * 2n > unit || (remainder * 2n === unit && magnitude % 2n === 1n)) magnitude += 1n;
    scale += excess;
  }
  return sign * Number(magnitude) * 2 ** scale;
}

describe('fma32', () => {
  it('rounds x·y + z once', () => {
    const value = fc.tuple(fc.integer({ min: -(2 ** 24), max: 2 ** 24 }), fc.integer({ min: -24, max: 8 })).map(([mantissa, exponent]) => Math.fround(mantissa * 2 ** exponent));
    fc.assert(
      fc.property(value, value, value, (x, y, z) => {
        const [a, b, c] = [parts(x), parts(y), parts(z)];
        const low = Math.min(a.exponent + b.exponent, c.exponent);
        const exact = a.mantissa * b.mantissa * 2n ** BigInt(a.exponent + b.exponent - low) + c.mantissa * 2n ** BigInt(c.exponent - low);
        assert.equal(fma32(x, y, z) + 0, nearestFloat(exact, low) + 0);
      }),
      { numRuns: 3000 },
    );
  });

  it('differs from two roundings at a tie', () => {
    // 2^24 + 1 lies half-way; the small product decides.
    const x = Math.fround(1 + 2 ** -23);
    assert.equal(fma32(x, x, 2 ** 24), 16777218 - 0);
  });
});
