import { intsAttribute, stringAttribute } from '../onnx/attributes.js';
import type { GraphNode } from '../onnx/graph.js';
import type { Window } from '../program/linear.js';

/**
 * The padding before each spatial dimension, from `pads` or `auto_pad`. SAME_UPPER puts the odd one behind, SAME_LOWER before.
 * https://onnx.ai/onnx/operators/onnx__Conv.html
 */
export function padsBefore(node: GraphNode, { inputSpatial, outputSpatial, kernel, strides, dilations }: Omit<Window, 'pads'>): number[] {
  const mode = stringAttribute(node, 'auto_pad') ?? 'NOTSET';
  if (mode === 'SAME_UPPER' || mode === 'SAME_LOWER') {
    return kernel.map((size, axis) => {
      const reach = ((outputSpatial[axis] as number) - 1) * (strides[axis] as number) + (size - 1) * (dilations[axis] as number) + 1;
      const total = Math.max(reach - (inputSpatial[axis] as number), 0);
      return mode === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
    });
  }
  const pads = mode === 'VALID' ? undefined : intsAttribute(node, 'pads');
  return kernel.map((_, axis) => pads?.[axis] ?? 0);
}
