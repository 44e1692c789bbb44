import type { Observer } from './observer.js';

/** Everything that was seen. */
export const MIN_MAX: Observer = { needsHistogram: false, range: ({ lo, hi }) => ({ lo, hi }) };
