import type { ObservedRange } from '../calibration/observers/observer.js';

/**
 * How a float tensor is written as integers: real = scale · (q − zeroPoint). With 8 bits q is an int8; with 16 it lies in
 * [−32767, 32767], in an int32 tensor, and the zero point is 0.
 */
export interface Parameters {
  readonly bits: 8 | 16;
  /** A positive, finite, normal float32. */
  readonly scale: number;
  readonly zeroPoint: number;
}

export const LEAST = -128;
export const MOST = 127;

/** The largest integer of a 16-bit tensor; the smallest is its negative. */
const MOST_WIDE = 32_767;

/** The integers that a tensor may have. */
export function limitsOf({ bits }: Pick<Parameters, 'bits'>): { least: number; most: number } {
  return bits === 8 ? { least: LEAST, most: MOST } : { least: -MOST_WIDE, most: MOST_WIDE };
}

/** Below this a range counts as nothing but zero: scales near the end of float32 would lose bits of their own. */
const SMALLEST_RANGE = 1e-30;

/** The parameters that cover a range and represent 0 exactly. */
export function parametersOf({ lo, hi }: ObservedRange, bits: 8 | 16 = 8): Parameters {
  const [low, high] = [Math.min(lo, 0), Math.max(hi, 0)];
  const width = high - low;
  if (!(width > SMALLEST_RANGE)) return { bits, scale: 1, zeroPoint: 0 };
  if (bits === 16) return { bits, scale: Math.fround(Math.max(-low, high) / MOST_WIDE), zeroPoint: 0 };
  const scale = Math.fround(width / (MOST - LEAST));
  const zeroPoint = Math.min(Math.max(Math.round(LEAST - low / scale), LEAST), MOST);
  return { bits, scale, zeroPoint };
}

/** The integer nearest to a real number, cut off at the ends. */
export function quantizeReal(value: number, parameters: Parameters): number {
  const { least, most } = limitsOf(parameters);
  if (Number.isNaN(value)) return least;
  return Math.min(Math.max(Math.round(value / parameters.scale) + parameters.zeroPoint, least), most);
}

/** The element type of the integers. */
export function integerType({ bits }: Pick<Parameters, 'bits'>): 'int8' | 'int32' {
  return bits === 8 ? 'int8' : 'int32';
}
