import type { InferContext } from '../operators/schema.js';
import { oneHotShape } from '../operators/gather.js';
import type { Expansion } from './expansion.js';
import { Expander } from './expander.js';

/**
 * OneHot of float indices, which ONNX Runtime compares with the coordinates as floats: 0.5 is nowhere.
 * https://onnx.ai/onnx/operators/onnx__OneHot.html
 */
export function expandOneHot(context: InferContext, fresh: (base: string) => string): Expansion | undefined {
  const { node } = context;
  if (context.input(0).type !== 'float32') return undefined;
  const { axis, depth, shape } = oneHotShape(context);
  const b = new Expander(node, fresh);
  const float = (values: readonly number[], dimensions: readonly number[]): string => b.constant({ type: 'float32', shape: dimensions, data: Float32Array.from(values) });
  const beside = b.node('Reshape', [node.inputs[0] as string, b.integers(shape.map((size, at) => (at === axis ? 1 : size)))]);
  const index = b.node('Expand', [beside, b.integers(shape)]);
  const counted = b.node('Where', [b.node('Less', [index, float([0], [])]), b.node('Add', [index, float([depth], [])]), index]);
  const coordinates = float([...new Array(depth).keys()], [depth, ...new Array<number>(shape.length - axis - 1).fill(1)]);
  const value = (which: number): string => b.node('Gather', [node.inputs[2] as string, b.integers([which], [])]);
  b.finish(b.node('Where', [b.node('Equal', [counted, coordinates]), value(1), value(0)]));
  return b.expansion;
}
