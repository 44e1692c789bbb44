import type { ObserverName } from '../../options.js';
import { ENTROPY } from './entropy.js';
import { MEAN_SQUARED_ERROR } from './meanSquaredError.js';
import { MIN_MAX } from './minMax.js';
import { MOVING_AVERAGE } from './movingAverage.js';
import type { Observer } from './observer.js';
import { PERCENTILE } from './percentile.js';

/** Every observer, by its name among the options. */
export const OBSERVER: Readonly<Record<ObserverName, Observer>> = {
  entropy: ENTROPY,
  meanSquaredError: MEAN_SQUARED_ERROR,
  minMax: MIN_MAX,
  movingAverage: MOVING_AVERAGE,
  percentile: PERCENTILE,
};
