import { withZero, type Histogram, type ObservedRange } from './observer.js';

/** How many ways each end is moved inwards. */
const STEPS = 24;
/** The smallest share of an end that is tried. */
const SMALLEST = 0.3;

/** The range of a histogram with 0 in it, and smaller ones: each end moved inwards by itself. An end at 0 stays. */
export function candidates(histogram: Histogram): ObservedRange[] {
  const { lo, hi } = withZero(histogram);
  const shares = Array.from({ length: STEPS }, (_, step) => 1 - (step * (1 - SMALLEST)) / (STEPS - 1));
  const lows = lo < 0 ? shares.map((share) => lo * share) : [0];
  const highs = hi > 0 ? shares.map((share) => hi * share) : [0];
  return lows.flatMap((low) => highs.map((high) => ({ lo: low, hi: high })));
}

/** The candidate with the smallest loss; the widest of equals. */
export function best(ranges: readonly ObservedRange[], loss: (range: ObservedRange) => number): ObservedRange {
  let [found] = ranges as [ObservedRange];
  let least = Infinity;
  for (const range of ranges) {
    const own = loss(range);
    if (own < least) {
      least = own;
      found = range;
    }
  }
  return found;
}
