/**
 * Monotone step functions from integers to integers. A chain of non-decreasing, correctly rounded float32 operations after an
 * integer and before QuantizeLinear takes at most 256 values, so it is described completely by its at most 255 thresholds. This
 * is how floating point disappears from the proof without any approximation.
 */

import { ZkonnxError } from '../errors/index.js';

const MOST_THRESHOLDS = 2 ** 22;

/** `y = lo + number of thresholds ≤ x`, for xLo ≤ x ≤ xHi. Thresholds ascend and lie in (xLo, xHi]; equal ones make the function jump by more than one. */
export interface StepFunction {
  readonly xLo: number;
  readonly xHi: number;
  /** The value at xLo. */
  readonly lo: number;
  readonly thresholds: Int32Array;
}

/**
 * The step function equal to `evaluate` on all integers from xLo to xHi, found by bisection.
 * @param evaluate integer-valued and non-decreasing on the range; the caller proves that.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED when x can leave int32, or the function takes more than 2^22 values: thresholds are stored.
 */
export function stepFunction(evaluate: (x: number) => number, xLo: number, xHi: number): StepFunction {
  const lo = evaluate(xLo);
  const hi = evaluate(xHi);
  if (hi - lo > MOST_THRESHOLDS || xLo < -(2 ** 31) || xHi >= 2 ** 31) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
      message: 'A function of an integer tensor takes too many values, or its operand too many.',
      expected: `an operand in int32, and at most ${MOST_THRESHOLDS + 1} values`,
      found: `an operand in [${xLo}, ${xHi}], values in [${lo}, ${hi}]`,
      fix: 'Quantize the tensor to 8 bits before Relu, Clip or a function.',
    });
  }
  const thresholds = new Int32Array(hi - lo);
  // Halves the range of x until both ends have the same value, or touch: every level in between then has its threshold.
  const search = (left: number, right: number, leftValue: number, rightValue: number): void => {
    if (leftValue === rightValue) return;
    if (right - left === 1) {
      thresholds.fill(right, leftValue - lo, rightValue - lo);
      return;
    }
    const middle = Math.floor((left + right) / 2);
    const middleValue = evaluate(middle);
    search(left, middle, leftValue, middleValue);
    search(middle, right, middleValue, rightValue);
  };
  search(xLo, xHi, lo, hi);
  return { xLo, xHi, lo, thresholds };
}

/** The value of a step function. */
export function evaluateStep({ lo, thresholds }: StepFunction, x: number): number {
  let below = 0;
  let above = thresholds.length;
  while (below < above) {
    const middle = (below + above) >> 1;
    if ((thresholds[middle] as number) <= x) below = middle + 1;
    else above = middle;
  }
  return lo + below;
}
