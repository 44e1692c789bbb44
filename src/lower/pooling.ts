/** https://onnx.ai/onnx/operators/onnx__MaxPool.html, on integers. */
import { ZkonnxError } from '../errors/index.js';
import { intsAttribute } from '../onnx/attributes.js';
import type { GraphNode } from '../onnx/graph.js';
import type { LoweringContext } from './context.js';
import { padsBefore } from '../onnx/operators/windows.js';

export function lowerMaxPool(node: GraphNode, context: LoweringContext): void {
  if (node.outputs[1]) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (MaxPool) also returns the indices of the maxima.`, node: node.name, expected: 'one output', fix: 'Export the model without the indices.' });
  }
  const input = context.tensor(node.inputs[0] as string, node);
  const shape = context.program.tensor(input).shape;
  const inputSpatial = shape.slice(2);
  const outputSpatial = context.type(node.outputs[0] as string).shape.slice(2);
  const kernel = intsAttribute(node, 'kernel_shape') ?? [];
  const strides = intsAttribute(node, 'strides') ?? kernel.map(() => 1);
  const dilations = intsAttribute(node, 'dilations') ?? kernel.map(() => 1);
  const pads = padsBefore(node, { inputSpatial, outputSpatial, kernel, strides, dilations });
  context.define(node, {
    kind: 'max',
    inputs: [input],
    planes: (shape[0] as number) * (shape[1] as number),
    window: { inputSpatial, outputSpatial, kernel, strides, dilations, pads },
  });
}
