import { intAttribute } from '../onnx/attributes.js';
import type { GraphNode, TypedGraph } from '../onnx/graph.js';

/** The opset since which the axis of Softmax stays alone; before, it and all axes after it were one. */
const AXIS_ALONE = 13;

/** The axes along which a Softmax adds up: one, but in old opsets all from the given one on that have more than one element. */
export function softmaxAxes(node: GraphNode, { types, opsets }: Pick<TypedGraph, 'types' | 'opsets'>): number[] {
  const shape = types.get(node.inputs[0] as string)?.shape ?? [];
  const alone = (opsets.get('') ?? AXIS_ALONE) >= AXIS_ALONE;
  const given = intAttribute(node, 'axis', alone ? -1 : 1);
  const axis = given < 0 ? given + shape.length : given;
  if (alone) return [axis];
  const all = Array.from({ length: shape.length - axis }, (_, index) => axis + index);
  // The first axis may be a batch of any size.
  const found = all.filter((each) => each === 0 || shape[each] !== 1);
  return found.length > 0 ? found : [shape.length - 1];
}
