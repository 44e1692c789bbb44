import type { Observer } from './observer.js';

/** Exponential means of the extremes of the batches: one extraordinary batch does not decide. */
export const MOVING_AVERAGE: Observer = { needsHistogram: false, range: ({ averageLo, averageHi }) => ({ lo: averageLo, hi: averageHi }) };
