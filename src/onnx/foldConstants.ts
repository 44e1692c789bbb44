import type { Tensor } from './graph.js';
import type { InferContext, OperatorSchema } from './operators/schema.js';

/**
 * The values of the outputs of a node whose inputs are all constants, when they can be computed exactly as ONNX Runtime does: shape
 * arithmetic, data movement, QuantizeLinear of weights. DequantizeLinear is never folded: normalise needs the integers behind it.
 */
export function foldNode(context: InferContext, schema: OperatorSchema): readonly Tensor[] | undefined {
  if (schema.fold === undefined) return undefined;
  // The shape of a tensor is constant even where its values are not.
  const needed = OF_SHAPES.has(schema.opType) ? [] : context.node.inputs.map((_, index) => index).filter((index) => context.has(index));
  if (needed.some((index) => context.constant(index) === undefined)) return undefined;
  const value = schema.fold(context);
  return value === undefined || !('data' in value) ? value : [value];
}

const OF_SHAPES: ReadonlySet<string> = new Set(['EyeLike', 'Shape', 'Size']);
