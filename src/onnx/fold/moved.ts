import { newTensorData } from '../elementType.js';
import { elementCount, type Tensor } from '../graph.js';

/** Calls `visit` for every index of a shape in row-major order. The array of coordinates is reused. */
export function forEachIndex(shape: readonly number[], visit: (coordinates: readonly number[], flat: number) => void): void {
  const coordinates = shape.map(() => 0);
  const count = elementCount(shape);
  for (let flat = 0; flat < count; flat++) {
    visit(coordinates, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (coordinates[axis] as number) + 1;
      if (next < (shape[axis] as number)) {
        coordinates[axis] = next;
        break;
      }
      coordinates[axis] = 0;
    }
  }
}

/** Output element i is element index(i) of the tensor, or zero where that is negative. */
export function moved(tensor: Tensor, shape: readonly number[], index: (coordinates: readonly number[], flat: number) => number): Tensor {
  const data = newTensorData(tensor.type, elementCount(shape));
  forEachIndex(shape, (coordinates, flat) => {
    const source = index(coordinates, flat);
    if (source >= 0) data[flat] = tensor.data[source] as never;
  });
  return { type: tensor.type, shape, data };
}

/** Output coordinate along each axis → input coordinate, or a negative number for a zero. Axes are independent of each other. */
export function movedByAxis(tensor: Tensor, tables: readonly ArrayLike<number>[], strides: readonly number[]): Tensor {
  return moved(tensor, tables.map(({ length }) => length), (coordinates) => {
    let at = 0;
    for (let axis = 0; axis < coordinates.length; axis++) {
      const from = (tables[axis] as ArrayLike<number>)[coordinates[axis] as number] as number;
      if (from < 0) return -1;
      at += from * (strides[axis] as number);
    }
    return at;
  });
}
