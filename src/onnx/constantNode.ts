import { ZkonnxError } from '../errors/index.js';
import type { GraphNode, Tensor } from './graph.js';

/** The value of a Constant node, whichever of its attributes holds it. https://onnx.ai/onnx/operators/onnx__Constant.html */
export function constantNodeValue(node: GraphNode): Tensor {
  for (const [name, attribute] of node.attributes) {
    if (name === 'value' && attribute.kind === 'tensor') return attribute.value;
    if (name === 'value_int' && attribute.kind === 'int') return { type: 'int64', shape: [], data: BigInt64Array.of(attribute.value) };
    if (name === 'value_float' && attribute.kind === 'float') return { type: 'float32', shape: [], data: Float32Array.of(attribute.value) };
    if (name === 'value_ints' && attribute.kind === 'ints') return { type: 'int64', shape: [attribute.value.length], data: BigInt64Array.from(attribute.value) };
    if (name === 'value_floats' && attribute.kind === 'floats') return { type: 'float32', shape: [attribute.value.length], data: Float32Array.from(attribute.value) };
    if (name === 'value_string' || name === 'value_strings') throw new ZkonnxError('TYPE_UNSUPPORTED', { message: 'A Constant holds strings.', node: node.name });
  }
  throw new ZkonnxError('MODEL_INVALID', { message: 'A Constant has no value.', node: node.name, expected: 'one attribute value, value_int, value_float, value_ints or value_floats' });
}
