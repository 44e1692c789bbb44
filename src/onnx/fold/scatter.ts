import { newTensorData } from '../elementType.js';
import { elementCount, type Tensor } from '../graph.js';
import { stridesOf } from '../shape.js';
import { forEachIndex, moved } from './moved.js';

/** https://onnx.ai/onnx/operators/onnx__GatherElements.html; indices within the axis, not negative. */
export function gatherElements(tensor: Tensor, { indices, shape, axis }: { indices: readonly number[]; shape: readonly number[]; axis: number }): Tensor {
  const strides = stridesOf(tensor.shape);
  return moved(tensor, shape, (coordinates, flat) =>
    coordinates.reduce((sum, coordinate, at) => sum + (at === axis ? (indices[flat] as number) : coordinate) * (strides[at] as number), 0));
}

/** https://onnx.ai/onnx/operators/onnx__ScatterElements.html without a reduction; later updates win. */
export function scatterElements(tensor: Tensor, updates: Tensor, { indices, axis }: { indices: readonly number[]; axis: number }): Tensor {
  const strides = stridesOf(tensor.shape);
  const result = copy(tensor);
  forEachIndex(updates.shape, (coordinates, flat) => {
    const at = coordinates.reduce((sum, coordinate, position) => sum + (position === axis ? (indices[flat] as number) : coordinate) * (strides[position] as number), 0);
    result.data[at] = updates.data[flat] as never;
  });
  return result;
}

/** Where the slices of GatherND and ScatterND begin, as flat element numbers; `length` elements follow each. */
export interface Slices {
  readonly starts: readonly number[];
  readonly length: number;
}

/** https://onnx.ai/onnx/operators/onnx__GatherND.html */
export function gatherSlices(tensor: Tensor, { starts, length }: Slices, shape: readonly number[]): Tensor {
  return moved(tensor, shape, (_, flat) => (starts[Math.floor(flat / length)] as number) + (flat % length));
}

/** https://onnx.ai/onnx/operators/onnx__ScatterND.html without a reduction; later updates win. */
export function scatterSlices(tensor: Tensor, updates: Tensor, { starts, length }: Slices): Tensor {
  const result = copy(tensor);
  updates.data.forEach((value: number | bigint, flat: number) => { result.data[(starts[Math.floor(flat / length)] as number) + (flat % length)] = value as never; });
  return result;
}

function copy({ type, shape, data }: Tensor): Tensor {
  const result = newTensorData(type, elementCount(shape));
  result.set(data as never);
  return { type, shape, data: result };
}
