import { isInteger } from '../../onnx/elementType.js';
import type { GraphNode, TypedGraph } from '../../onnx/graph.js';

/** Whether a node has no float operand and no float result. */
export function isIntegerNode(node: GraphNode, { types }: TypedGraph): boolean {
  return [...node.inputs, ...node.outputs].every((name) => name === '' || isInteger(types.get(name)?.type ?? 'int64'));
}
