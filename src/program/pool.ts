import { spatialTaps } from './linear.js';
import type { Integers } from './interval.js';
import type { MaxOperation } from './program.js';

/** For each output element of a pooling, the input elements of its window. */
export interface WindowReader {
  readonly count: number;
  /** The flat input indices of window `index`, ascending. */
  read(index: number): Int32Array;
}

/** Opens a pooling operation for reading. */
export function windows({ planes, window }: Pick<MaxOperation, 'planes' | 'window'>): WindowReader {
  const taps = spatialTaps(window);
  const positions = taps.start.length - 1;
  const inputSize = window.inputSpatial.reduce((total, size) => total * size, 1);
  return {
    count: planes * positions,
    read(index) {
      const position = index % positions;
      const base = Math.floor(index / positions) * inputSize;
      return taps.input.slice(taps.start[position], taps.start[position + 1]).map((offset) => base + offset);
    },
  };
}

/** The largest, or smallest, of the elements at `indices`. */
export function extreme({ minimum }: Pick<MaxOperation, 'minimum'>, values: Integers, indices: Int32Array): number {
  if (minimum === true) return indices.reduce((least, i) => Math.min(least, values[i] as number), Infinity);
  return indices.reduce((most, i) => Math.max(most, values[i] as number), -Infinity);
}
