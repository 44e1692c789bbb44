/**
 * Exact affine forms of step functions: integers m, b, d with ⌊(m·x + b) / d⌋ = number of thresholds ≤ x, for every x whose value
 * is not saturated, and at or beyond the end levels for every other x, so that clamping gives the function everywhere.
 *
 * With the thresholds T_1 ≤ … ≤ T_n this holds if and only if m·T_j + b ≥ j·d and m·(T_j − 1) + b < j·d for all j (m > 0, and
 * the left side grows with x). In the plane these say that the line (m·x + b)/d runs on or above the points P_j = (T_j, j) and
 * strictly below the points Q_j = (T_j − 1, j), so only the upper hull of the P and the lower hull of the Q matter: a handful of
 * points, against which each candidate is checked exactly. That check is the proof; the search around it may be as clever as it
 * likes. The remainder of the division costs ⌈log2 d⌉ rows, so the smallest d wins.
 */
import type { StepFunction } from '../program/step.js';

/** ⌊(m·x + b) / d⌋ counts the thresholds ≤ x. */
export interface AffineForm {
  readonly m: number;
  readonly b: number;
  readonly d: number;
}

/** Divisors up to here are searched. A remainder of more bits would cost about as much as comparing with thresholds. */
const LARGEST_DIVISOR = 2 ** 22;
/** Slopes tried for each divisor: the feasible slopes of a function with several thresholds are a narrow interval. */
const SLOPES_PER_DIVISOR = 32;
/** Products stay below this, so that doubles hold them exactly. */
const EXACT = 2 ** 52;

/**
 * The affine form with the smallest divisor, or undefined where there is none (exact ties) or none small enough.
 * @param step with at least one threshold.
 * @param largestDivisor where the search ends.
 */
export function fitAffine({ thresholds, xLo, xHi }: StepFunction, largestDivisor = LARGEST_DIVISOR): AffineForm | undefined {
  const reach = Math.max(Math.abs(xLo), Math.abs(xHi));
  const onOrAbove = hull(thresholds, 0, 1);
  const below = hull(thresholds, -1, -1);
  const slopes = feasibleSlopes(onOrAbove, below);
  if (slopes === undefined) return undefined;
  for (let d = 1; d <= largestDivisor; d++) {
    const first = Math.max(1, Math.floor(slopes.above * d));
    const last = Math.min(Math.ceil(slopes.below * d), first + SLOPES_PER_DIVISOR);
    for (let m = first; m <= last; m++) {
      if (m * reach > EXACT || thresholds.length * d > EXACT) return undefined;
      const b = intercept(onOrAbove, below, m, d);
      if (b !== undefined && Math.abs(b) + m * reach < EXACT) return { m, b, d };
    }
  }
  return undefined;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The upper (side 1) or lower (side −1) convex hull of the points (T_j + shift, j), j from 1. */
function hull(thresholds: Int32Array, shift: number, side: 1 | -1): Point[] {
  const points: Point[] = [];
  for (let index = 0; index < thresholds.length; index++) {
    const point = { x: (thresholds[index] as number) + shift, y: index + 1 };
    const previous = points.at(-1);
    if (previous?.x === point.x) {
      // The thresholds repeat: of points above each other only the extreme one matters.
      if (side === -1) continue;
      points.pop();
    }
    while (points.length >= 2 && turn(points.at(-2) as Point, points.at(-1) as Point, point) * side >= 0) points.pop();
    points.push(point);
  }
  return points;
}

/** Positive when the path a → b → c turns left. */
function turn(a: Point, b: Point, c: Point): number {
  return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/** The open interval of slopes of lines that run on or above the first points and strictly below the second; undefined when it is empty. */
function feasibleSlopes(onOrAbove: readonly Point[], below: readonly Point[]): { above: number; below: number } | undefined {
  let above = 0;
  let upper = Infinity;
  for (const p of onOrAbove) {
    for (const q of below) {
      const dx = p.x - q.x;
      const dy = p.y - q.y;
      if (dx > 0) above = Math.max(above, dy / dx);
      else if (dx < 0) upper = Math.min(upper, dy / dx);
      else if (dy >= 0) return undefined;
    }
  }
  return above < upper ? { above, below: upper } : undefined;
}

/** A b for which (m·x + b)/d passes between the points, or undefined. This is the exact check. */
function intercept(onOrAbove: readonly Point[], below: readonly Point[], m: number, d: number): number | undefined {
  let least = -Infinity;
  for (const { x, y } of onOrAbove) least = Math.max(least, y * d - m * x);
  for (const { x, y } of below) if (m * x + least > y * d - 1) return undefined;
  return least;
}
