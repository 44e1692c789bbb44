/** Data movement on constants. */
import { newTensorData } from '../elementType.js';
import { elementCount, type Tensor } from '../graph.js';
import { stridesOf } from '../shape.js';

/** The same elements in a new shape. */
export function reshapeTensor({ type, data }: Tensor, shape: readonly number[]): Tensor {
  return { type, shape, data };
}

/** Output element i is element index(i) of the tensor. */
function moved(tensor: Tensor, shape: readonly number[], index: (coordinates: readonly number[]) => number): Tensor {
  const data = newTensorData(tensor.type, elementCount(shape));
  const coordinates = shape.map(() => 0);
  for (let at = 0; at < data.length; at++) {
    data[at] = tensor.data[index(coordinates)] as never;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (coordinates[axis] as number) + 1;
      if (next < (shape[axis] as number)) {
        coordinates[axis] = next;
        break;
      }
      coordinates[axis] = 0;
    }
  }
  return { type: tensor.type, shape, data };
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

/** One slice per axis: `count` elements from `start` in steps of `step`. */
export function sliceTensor(tensor: Tensor, slices: readonly { start: number; step: number; count: number }[]): Tensor {
  const strides = stridesOf(tensor.shape);
  return moved(tensor, slices.map(({ count }) => count), (coordinates) =>
    coordinates.reduce((sum, coordinate, axis) => {
      const { start, step } = slices[axis] as { start: number; step: number };
      return sum + (start + coordinate * step) * (strides[axis] as number);
    }, 0));
}
