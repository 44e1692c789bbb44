/** What an observer makes of the values of one tensor. */

/** The values from lo to hi are represented; what lies outside is cut off. */
export interface ObservedRange {
  readonly lo: number;
  readonly hi: number;
}

/** Extremes of one tensor, over everything and batch by batch. */
export interface Extremes {
  readonly lo: number;
  readonly hi: number;
  /** The mean of the squares of all values. */
  readonly power: number;
  /** Running means of the extremes of each batch. */
  readonly averageLo: number;
  readonly averageHi: number;
}

/** How often values fell into equal parts of the range from lo to hi. */
export interface Histogram {
  readonly lo: number;
  readonly hi: number;
  readonly counts: Float64Array;
}

export interface ObserverSettings {
  /** Percent of the values inside the range. */
  readonly percentile: number;
}

/** An observer: from extremes alone, or from a histogram, which takes a second pass over the calibration inputs. */
export type Observer =
  | { readonly needsHistogram: false; readonly range: (extremes: Extremes) => ObservedRange }
  | { readonly needsHistogram: true; readonly range: (histogram: Histogram, settings: ObserverSettings) => ObservedRange };

/** The range with 0 in it: padding and Relu need an integer that is exactly 0. */
export function withZero({ lo, hi }: ObservedRange): ObservedRange {
  return { lo: Math.min(lo, 0), hi: Math.max(hi, 0) };
}

/** The middle of part `index` of a histogram. */
export function centre({ lo, hi, counts }: Histogram, index: number): number {
  return lo + ((hi - lo) * (index + 0.5)) / counts.length;
}
