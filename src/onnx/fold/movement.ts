/** Data movement on constants. */
import { newTensorData } from '../elementType.js';
import { elementCount, type Tensor } from '../graph.js';
import { stridesOf } from '../shape.js';
import { moved, movedByAxis } from './moved.js';

/** The same elements in a new shape. */
export function reshapeTensor({ type, data }: Tensor, shape: readonly number[]): Tensor {
  return { type, shape, data };
}

export function transposeTensor(tensor: Tensor, perm: readonly number[]): Tensor {
  const strides = stridesOf(tensor.shape);
  return moved(tensor, perm.map((axis) => tensor.shape[axis] as number), (coordinates) =>
    coordinates.reduce((sum, coordinate, axis) => sum + coordinate * (strides[perm[axis] as number] as number), 0));
}

/** NumPy's `take` along an axis. The indices are within the axis, not negative. */
export function gatherTensor(tensor: Tensor, indices: readonly number[], indicesShape: readonly number[], axis: number): Tensor {
  const strides = stridesOf(tensor.shape);
  const indexStrides = stridesOf(indicesShape);
  const rank = indicesShape.length;
  const shape = [...tensor.shape.slice(0, axis), ...indicesShape, ...tensor.shape.slice(axis + 1)];
  return moved(tensor, shape, (coordinates) => {
    let at = 0;
    let which = 0;
    coordinates.forEach((coordinate, position) => {
      if (position < axis) at += coordinate * (strides[position] as number);
      else if (position < axis + rank) which += coordinate * (indexStrides[position - axis] as number);
      else at += coordinate * (strides[position - rank + 1] as number);
    });
    return at + (indices[which] as number) * (strides[axis] as number);
  });
}

export function concatTensors(tensors: readonly Tensor[], axis: number): Tensor {
  const [first] = tensors as readonly [Tensor, ...Tensor[]];
  const shape = first.shape.map((dimension, at) => (at === axis ? tensors.reduce((sum, { shape: own }) => sum + (own[axis] as number), 0) : dimension));
  const data = newTensorData(first.type, elementCount(shape));
  const outer = elementCount(first.shape.slice(0, axis));
  let position = 0;
  for (let block = 0; block < outer; block++) {
    for (const { shape: own, data: values } of tensors) {
      const length = elementCount(own.slice(axis));
      data.set(values.subarray(block * length, (block + 1) * length) as never, position);
      position += length;
    }
  }
  return { type: first.type, shape, data };
}

/** A range of one axis: `count` elements from `start` in steps of `step`. */
export interface AxisSlice {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** One slice per axis. */
export function sliceTensor(tensor: Tensor, slices: readonly AxisSlice[]): Tensor {
  return movedByAxis(tensor, slices.map(({ start, step, count }) => Array.from({ length: count }, (_, at) => start + at * step)), stridesOf(tensor.shape));
}

/** NumPy's `broadcast_to`: the shape has at least as many dimensions, and equal ones where the tensor's are not 1. */
export function broadcastTensor(tensor: Tensor, shape: readonly number[]): Tensor {
  const own = stridesOf(tensor.shape);
  const offset = shape.length - tensor.shape.length;
  const strides = shape.map((_, axis) => (axis < offset || tensor.shape[axis - offset] === 1 ? 0 : (own[axis - offset] as number)));
  return moved(tensor, shape, (coordinates) => coordinates.reduce((sum, coordinate, axis) => sum + coordinate * (strides[axis] as number), 0));
}

/** NumPy's `tile`, with one count per axis. */
export function tileTensor(tensor: Tensor, repeats: readonly number[]): Tensor {
  const tables = tensor.shape.map((size, axis) => Array.from({ length: size * (repeats[axis] as number) }, (_, at) => at % size));
  return movedByAxis(tensor, tables, stridesOf(tensor.shape));
}
