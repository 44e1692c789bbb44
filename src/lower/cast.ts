/** Conversions among integer types and bool. https://onnx.ai/onnx/operators/onnx__Cast.html, https://onnx.ai/onnx/operators/onnx__CastLike.html */
import type { GraphNode } from '../onnx/graph.js';
import type { LoweringContext } from './context.js';
import { fitOf, IntegerBuilder } from './integerBuilder.js';

/** Modulo the size of a narrower type, as C++ converts; bool is whether the value differs from 0. */
export function lowerCast(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const { type } = b.output();
  const x = b.input(0);
  const { lo, hi } = b.range(x);
  if (type !== 'bool') b.finish(b.fit(x, fitOf(type)));
  else if (lo >= 0 && hi <= 1) b.finish(x);
  else b.finish(b.compare('notEqual', x, b.constant(0, b.shape(x))));
}
