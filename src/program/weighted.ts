/**
 * Linear maps by weights that are tensors of the program themselves: private values instead of constants. The geometry is that of a
 * {@link LinearMap} whose weights and biases are places in these tensors, from 1; 0 is no bias.
 */
import { uniformIntervals, type Integers, type Intervals } from './interval.js';
import { LinearRow, linearRows, type ConvMap, type LinearRows, type MatMulMap } from './linear.js';

/** y[i] = bias + Σ (x − inputZero) · (w − weightZero), over the terms of row i of the map. */
export interface WeightedOperation {
  readonly kind: 'weighted';
  /** Activations, weights, and biases if there are any. */
  readonly inputs: readonly [number, number] | readonly [number, number, number];
  /** Its weights are places in the weights, its biases places in the biases; its own input zero point is 0. */
  readonly map: ConvMap | MatMulMap;
  readonly inputZero: number;
  readonly weightZero: number;
}

export function evaluateWeighted({ map, inputZero, weightZero }: Pick<WeightedOperation, 'map' | 'inputZero' | 'weightZero'>, [x, w, biases]: readonly Integers[]): Integers {
  const rows = linearRows(map);
  const row = new LinearRow();
  const result = new Float64Array(rows.count);
  for (let i = 0; i < rows.count; i++) {
    rows.read(i, row);
    let sum = row.constant === 0 ? 0 : ((biases as Integers)[row.constant - 1] as number);
    for (let term = 0; term < row.length; term++) {
      sum += (((x as Integers)[row.indices[term] as number] as number) - inputZero) * (((w as Integers)[(row.weights[term] as number) - 1] as number) - weightZero);
    }
    result[i] = sum;
  }
  return result;
}

/** Bounds for all weights and biases within theirs. */
export function weightedBounds({ map, inputZero, weightZero }: Pick<WeightedOperation, 'map' | 'inputZero' | 'weightZero'>, [x, w, biases]: readonly Intervals[]): Intervals {
  const rows = linearRows(map);
  const row = new LinearRow();
  const result = uniformIntervals(rows.count, 0, 0);
  for (let i = 0; i < rows.count; i++) {
    rows.read(i, row);
    let least = row.constant === 0 ? 0 : ((biases as Intervals).lo[row.constant - 1] as number);
    let most = row.constant === 0 ? 0 : ((biases as Intervals).hi[row.constant - 1] as number);
    for (let term = 0; term < row.length; term++) {
      const [index, place] = [row.indices[term] as number, (row.weights[term] as number) - 1];
      const [xLo, xHi] = [((x as Intervals).lo[index] as number) - inputZero, ((x as Intervals).hi[index] as number) - inputZero];
      const [wLo, wHi] = [((w as Intervals).lo[place] as number) - weightZero, ((w as Intervals).hi[place] as number) - weightZero];
      least += Math.min(xLo * wLo, xLo * wHi, xHi * wLo, xHi * wHi);
      most += Math.max(xLo * wLo, xLo * wHi, xHi * wLo, xHi * wHi);
    }
    result.lo[i] = least;
    result.hi[i] = most;
  }
  return result;
}

/** A copy of one row: the activations and the weights that it reads, and its bias. */
export function readRow(rows: LinearRows, index: number): { readonly indices: Int32Array; readonly weights: Float64Array; readonly constant: number } {
  const row = new LinearRow();
  rows.read(index, row);
  return { indices: row.indices.subarray(0, row.length), weights: row.weights.subarray(0, row.length), constant: row.constant };
}

/**
 * The results that read the same activations with different weights, so that one product can serve several of them: the channels of one
 * group at one position of a convolution, the columns of one line of a matrix product. In chunks of at most `size`.
 */
export function* weightedGroups(map: ConvMap | MatMulMap, size: number): Generator<readonly number[]> {
  const [lines, across, stride] = strips(map);
  for (const start of lines) {
    for (let first = 0; first < across; first += size) {
      yield Array.from({ length: Math.min(size, across - first) }, (_, i) => start + (first + i) * stride);
    }
  }
}

/** First results of the strips that share activations, how long a strip is, and the distance between its results. */
function strips(map: ConvMap | MatMulMap): [starts: number[], across: number, stride: number] {
  if (map.kind === 'matmul') {
    const { inputBatch, rows, columns } = map;
    return [Array.from({ length: inputBatch.length * rows }, (_, line) => line * columns), columns, 1];
  }
  const { batch, groups, outputChannels, outputSpatial } = map;
  const positions = outputSpatial.reduce((total, dimension) => total * dimension, 1);
  const across = outputChannels / groups;
  const starts = Array.from({ length: batch * groups * positions }, (_, i) => Math.floor(i / positions) * across * positions + (i % positions));
  return [starts, across, positions];
}
