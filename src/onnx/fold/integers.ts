/** Element-wise operators on integer constants, exactly: what decides shapes in many exported models. */
import { newTensorData } from '../elementType.js';
import { elementCount, type ElementType, type Tensor } from '../graph.js';
import { broadcastShape, stridesOf } from '../shape.js';

/** The result of a function of integers with numpy broadcasting; undefined for float tensors. The function's results fit `type`. */
export function foldIntegers(type: ElementType, tensors: readonly Tensor[], evaluate: (...values: bigint[]) => bigint | undefined): Tensor | undefined {
  if (tensors.some(({ data }) => data instanceof Float32Array || data instanceof Float64Array)) return undefined;
  const shape = tensors.reduce<number[] | undefined>((common, tensor) => common && broadcastShape(common, tensor.shape), []);
  if (shape === undefined) return undefined;
  const data = newTensorData(type, elementCount(shape));
  const strides = stridesOf(shape);
  for (let index = 0; index < data.length; index++) {
    const value = evaluate(...tensors.map((tensor) => BigInt(tensor.data[offset(tensor.shape, shape, strides, index)] as number | bigint)));
    if (value === undefined) return undefined;
    data[index] = (typeof data[index] === 'bigint' ? value : Number(value)) as never;
  }
  return { type, shape, data };
}

function offset(own: readonly number[], result: readonly number[], strides: readonly number[], index: number): number {
  const ownStrides = stridesOf(own);
  const skipped = result.length - own.length;
  return own.reduce((sum, size, axis) => (size === 1 ? sum : sum + (Math.floor(index / (strides[axis + skipped] as number)) % size) * (ownStrides[axis] as number)), 0);
}
