import { intAttribute, intValue } from '../attributes.js';
import { elementCount } from '../graph.js';
import type { InferContext } from '../operators/schema.js';
import type { Expansion } from './expansion.js';
import { Expander } from './expander.js';

/** The opset since which the axis stays alone; before, it and all axes after it were one. */
const AXIS_ALONE_SINCE = 13;

/** One where the first maximum along the axis is, zero elsewhere. https://onnx.ai/onnx/operators/onnx__Hardmax.html */
export function expandHardmax(context: InferContext, fresh: (base: string) => string): Expansion {
  const { node, opset } = context;
  const { shape } = context.expectType(0, 'input', ['float32']);
  const b = new Expander(node, fresh);
  const alone = opset >= AXIS_ALONE_SINCE;
  const given = context.axis(intAttribute(node, 'axis', alone ? -1 : 1), shape.length);
  const flat = alone ? shape : [elementCount(shape.slice(0, given)), elementCount(shape.slice(given))];
  const axis = alone ? given : 1;
  const x = b.node('Reshape', [node.inputs[0] as string, b.integers(flat)]);
  const place = b.node('ArgMax', [x], { attributes: { axis: intValue(axis), keepdims: intValue(1) } });
  const count = flat[axis] as number;
  const numbers = b.integers([...new Array(count).keys()], flat.map((_, at) => (at === axis ? count : 1)));
  const number = (value: number): string => b.constant({ type: 'float32', shape: [], data: Float32Array.of(value) });
  const hot = b.node('Where', [b.node('Equal', [place, numbers]), number(1), number(0)]);
  b.finish(b.node('Reshape', [hot, b.integers(shape)]));
  return b.expansion;
}
