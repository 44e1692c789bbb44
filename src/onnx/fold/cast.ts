import { isInteger, newTensorData } from '../elementType.js';
import type { ElementType, Tensor } from '../graph.js';

/**
 * Cast of a constant where the result is beyond doubt: between integers with the value kept, integers to float32 rounded to
 * nearest, whole float32 values to integers that hold them. Otherwise undefined.
 */
export function castTensor(tensor: Tensor, to: ElementType): Tensor | undefined {
  if (to === tensor.type) return tensor;
  const data = newTensorData(to, tensor.data.length);
  const big = to === 'int64' || to === 'uint64';
  for (let index = 0; index < data.length; index++) {
    const value = tensor.data[index] as number | bigint;
    if (to === 'float32' && isInteger(tensor.type)) {
      // A bigint beyond 2^53 would be rounded twice.
      if (!Number.isSafeInteger(Number(value))) return undefined;
      data[index] = Number(value);
    } else if (isInteger(to) && (isInteger(tensor.type) || tensor.type === 'float32')) {
      if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined;
      const result = to === 'bool' ? (Number(value) === 0 ? 0 : 1) : value;
      data[index] = (big ? BigInt(result) : Number(result)) as never;
      if (to !== 'bool' && BigInt(data[index] as number | bigint) !== BigInt(value)) return undefined;
    } else return undefined;
  }
  return { type: to, shape: tensor.shape, data };
}
