import { intAttribute } from '../onnx/attributes.js';
import type { GraphNode } from '../onnx/graph.js';
import type { LoweringContext } from './context.js';

/** Index of the first, or with select_last_index of the last, maximum along an axis. https://onnx.ai/onnx/operators/onnx__ArgMax.html */
export function lowerArgMax(node: GraphNode, context: LoweringContext): void {
  lowerArg(node, context, false);
}

/** https://onnx.ai/onnx/operators/onnx__ArgMin.html */
export function lowerArgMin(node: GraphNode, context: LoweringContext): void {
  lowerArg(node, context, true);
}

function lowerArg(node: GraphNode, context: LoweringContext, minimum: boolean): void {
  const input = context.tensor(node.inputs[0] as string, node);
  const { shape } = context.program.tensor(input);
  const given = intAttribute(node, 'axis', 0);
  const axis = given < 0 ? given + shape.length : given;
  const count = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);
  context.define(node, {
    kind: 'argmax',
    inputs: [input],
    outer: count(shape.slice(0, axis)),
    length: shape[axis] as number,
    inner: count(shape.slice(axis + 1)),
    selectLast: intAttribute(node, 'select_last_index', 0) === 1,
    minimum,
  });
}
