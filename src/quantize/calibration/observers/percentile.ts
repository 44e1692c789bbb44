import type { Observer } from './observer.js';

/** All but a share of the values, half of it at each end. */
export const PERCENTILE: Observer = {
  needsHistogram: true,
  range: ({ lo, hi, counts }, { percentile }) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    const outside = (total * (1 - percentile / 100)) / 2;
    const width = (hi - lo) / counts.length;
    const cutAt = (order: readonly number[]): number => {
      let seen = 0;
      return order.findIndex((index) => (seen += counts[index] as number) > outside);
    };
    const forwards = [...counts.keys()];
    const below = Math.max(0, cutAt(forwards));
    const above = Math.max(0, cutAt([...forwards].reverse()));
    return { lo: lo + below * width, hi: hi - above * width };
  },
};
