import type { Tensor } from './graph.js';
import type { InferContext, OperatorSchema } from './operators/schema.js';

/**
 * The value of a node whose inputs are all constants, when it can be computed exactly as ONNX Runtime does: shape arithmetic,
 * data movement, QuantizeLinear of weights. DequantizeLinear is never folded: normalise needs the integers behind it.
 */
export function foldNode(context: InferContext, schema: OperatorSchema): Tensor | undefined {
  if (schema.fold === undefined) return undefined;
  // The shape of a tensor is constant even where its values are not.
  const needed = schema.opType === 'Shape' ? [] : context.node.inputs.map((_, index) => index).filter((index) => context.has(index));
  if (needed.some((index) => context.constant(index) === undefined)) return undefined;
  return schema.fold(context);
}
