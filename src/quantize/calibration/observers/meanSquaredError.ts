import { best, candidates } from './candidates.js';
import { centre, type Observer } from './observer.js';

const LEVELS = 255;

/**
 * The range with the smallest mean squared error: inside, rounding errors are even over a step; outside, values are cut off.
 * (Migacz, 8-bit inference, GTC 2017, compares such criteria.)
 */
export const MEAN_SQUARED_ERROR: Observer = {
  needsHistogram: true,
  range: (histogram) => {
    const { counts } = histogram;
    const values = Array.from(counts, (_, index) => centre(histogram, index));
    return best(candidates(histogram), ({ lo, hi }) => {
      const step = (hi - lo) / LEVELS;
      let loss = 0;
      for (let index = 0; index < counts.length; index++) {
        const value = values[index] as number;
        const beyond = value < lo ? lo - value : value > hi ? value - hi : 0;
        loss += (counts[index] as number) * (beyond > 0 ? beyond * beyond : (step * step) / 12);
      }
      return loss;
    });
  },
};
