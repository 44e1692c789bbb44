import type { ObservedRange } from '../calibration/observers/observer.js';

/** How a float tensor is written in 8 bits: real = scale · (q − zeroPoint), q in [−128, 127]. */
export interface Parameters {
  /** A positive, finite, normal float32. */
  readonly scale: number;
  readonly zeroPoint: number;
}

export const LEAST = -128;
export const MOST = 127;

/** Below this a range counts as nothing but zero: scales near the end of float32 would lose bits of their own. */
const SMALLEST_RANGE = 1e-30;

/** The parameters that cover a range and represent 0 exactly. */
export function parametersOf({ lo, hi }: ObservedRange): Parameters {
  const [low, high] = [Math.min(lo, 0), Math.max(hi, 0)];
  const width = high - low;
  if (!(width > SMALLEST_RANGE)) return { scale: 1, zeroPoint: 0 };
  const scale = Math.fround(width / (MOST - LEAST));
  const zeroPoint = Math.min(Math.max(Math.round(LEAST - low / scale), LEAST), MOST);
  return { scale, zeroPoint };
}

/** The integer nearest to a real number, cut off at the ends. */
export function quantizeReal(value: number, { scale, zeroPoint }: Parameters): number {
  if (Number.isNaN(value)) return LEAST;
  return Math.min(Math.max(Math.round(value / scale) + zeroPoint, LEAST), MOST);
}
