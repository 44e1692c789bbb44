import { elementCount, type Tensor } from '../../onnx/graph.js';
import { floatsOf } from '../floatGraph.js';

/** The elements of a constant that broadcasts to a tensor, one for each index of an axis; undefined when it differs along another axis. */
export function alongAxis(constant: Tensor, shape: readonly number[], axis: number): Float32Array | undefined {
  const size = shape[axis] as number;
  const offset = shape.length - constant.shape.length;
  const varies = constant.shape.some((dimension, index) => dimension !== 1 && index + offset !== axis);
  if (offset < 0 || varies) return undefined;
  const values = floatsOf(constant);
  return values.length === 1 ? new Float32Array(size).fill(values[0] as number) : values.length === size ? values : undefined;
}

/** Whether a constant broadcasts to a tensor without making it larger. */
export function broadcastsTo({ shape: own }: Tensor, shape: readonly number[]): boolean {
  const offset = shape.length - own.length;
  return offset >= 0 && own.every((dimension, index) => dimension === 1 || dimension === shape[index + offset]);
}

/** Σ over the second axis and everything behind it of weights · values[second index]: what constant inputs add to each output. */
export function sumOfInputs({ shape, data }: Tensor, values: (output: number, input: number) => number): Float64Array {
  const [outputs, inputs] = shape as [number, number];
  const taps = elementCount(shape.slice(2));
  const sums = new Float64Array(outputs);
  for (let index = 0; index < data.length; index++) {
    const output = Math.floor(index / (inputs * taps));
    sums[output] = (sums[output] as number) + (data[index] as number) * values(output, Math.floor(index / taps) % inputs);
  }
  return sums;
}
