import type { Tensor, TensorType } from '../../onnx/graph.js';
import { floatTensor } from '../floatGraph.js';

/** Adds a scalar to the constants of a graph and gives its name. */
export function scalarConstant(initializers: Map<string, Tensor>, types: Map<string, TensorType>, name: string, value: number): string {
  const tensor = floatTensor([], Float32Array.of(value));
  initializers.set(name, tensor);
  types.set(name, { type: tensor.type, shape: tensor.shape });
  return name;
}
