/**
 * Elements picked by computed indices, and one-hot vectors. An index outside of its axis, at which ONNX Runtime stops, has no proof.
 * https://onnx.ai/onnx/operators/onnx__Gather.html, https://onnx.ai/onnx/operators/onnx__GatherElements.html,
 * https://onnx.ai/onnx/operators/onnx__GatherND.html
 */
import { intAttribute } from '../onnx/attributes.js';
import { elementCount, type GraphNode, type Tensor } from '../onnx/graph.js';
import { movementMap } from '../onnx/movementMap.js';
import { unravel } from '../program/linear.js';
import type { TensorId } from '../program/program.js';
import type { LoweringContext } from './context.js';
import { IntegerBuilder } from './integerBuilder.js';

/**
 * By a tree of choices, the bits of the index deciding: one row for each element that is not picked. For each place k the same node
 * with the constant index k says which elements it would move, so a computed index picks exactly as a constant one does.
 */
export function lowerDynamicGather(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const data = b.input(0);
  const shape = b.shape(data);
  const indices = b.input(1);
  const output = b.output().shape;
  const batch = intAttribute(node, 'batch_dims', 0);
  const given = intAttribute(node, 'axis', 0);
  const axis = given < 0 ? given + shape.length : given;
  const depth = node.opType === 'GatherND' ? (b.shape(indices).at(-1) as number) : 1;
  const first = node.opType === 'GatherND' ? batch : axis;
  const axes = shape.slice(first, first + depth);
  const index = node.opType === 'GatherND' ? flatIndex(b, indices, axes) : withinAxis(b, indices, axes[0] as number);

  const places = Array.from({ length: elementCount(axes) }, (_, place) => {
    const constant = constantIndices(b.shape(indices), unravel(place, axes));
    const { outputs } = movementMap({ node, type: (name) => context.type(name), constant: (name) => (name === node.inputs[1] ? constant : undefined) });
    return b.view([data], outputs[0] as Int32Array, output);
  });
  const rest = node.opType === 'GatherElements' ? 1 : elementCount(shape.slice(first + depth));
  const count = elementCount(b.shape(index));
  const spread = b.view([index], Int32Array.from({ length: elementCount(output) }, (_, i) => Math.floor(i / rest) % count), output);
  b.finish(pick(b, spread, places));
}

/** places[index], element by element; the index is within the list. */
function pick(b: IntegerBuilder, index: TensorId, places: readonly TensorId[]): TensorId {
  let level = places;
  const bits = places.length === 1 ? [] : b.bits(index, { width: Math.ceil(Math.log2(places.length)), signed: false });
  for (const bit of bits) {
    // An odd one out is picked only where the bit is 0, since the index is within the list.
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, i) => {
      const [even, odd] = [level[2 * i] as TensorId, level[2 * i + 1]];
      return odd === undefined ? even : b.select(bit, odd, even);
    });
  }
  return level[0] as TensorId;
}

/** An index in [−size, size − 1] as one in [0, size − 1]. */
function withinAxis(b: IntegerBuilder, index: TensorId, size: number): TensorId {
  const inside = b.fit(index, { lo: -size, hi: size - 1, wraps: false });
  if (b.range(inside).lo >= 0) return inside;
  const negative = b.compare('less', inside, b.constant(0, b.shape(inside)));
  return b.fit(b.sum([[1, inside], [size, negative]]), { lo: 0, hi: size - 1, wraps: false });
}

/** Tuples of indices as places in the axes laid out in one. */
function flatIndex(b: IntegerBuilder, tuples: TensorId, axes: readonly number[]): TensorId {
  const shape = b.shape(tuples).slice(0, -1);
  const length = elementCount(shape);
  const terms = axes.map((size, position) => {
    const index = b.view([tuples], Int32Array.from({ length }, (_, i) => i * axes.length + position), shape);
    return [elementCount(axes.slice(position + 1)), withinAxis(b, index, size)] as const;
  });
  return b.sum(terms);
}

/** Index tensors of one place: a number for each axis, in turn. */
function constantIndices(shape: readonly number[], place: readonly number[]): Tensor {
  return { type: 'int64', shape, data: BigInt64Array.from({ length: elementCount(shape) }, (_, i) => BigInt(place[i % place.length] as number)) };
}

/** on where the index, counted from the end when negative, is the coordinate; elsewhere off. https://onnx.ai/onnx/operators/onnx__OneHot.html */
export function lowerDynamicOneHot(node: GraphNode, context: LoweringContext): void {
  const b = new IntegerBuilder(node, context);
  const indices = b.input(0);
  const { shape } = b.output();
  const given = intAttribute(node, 'axis', -1);
  const axis = given < 0 ? given + shape.length : given;
  const depth = shape[axis] as number;
  const inner = elementCount(shape.slice(axis + 1));
  const length = elementCount(shape);
  const spread = (id: TensorId): TensorId => b.view([id], Int32Array.from({ length }, (_, i) => Math.floor(i / (inner * depth)) * inner + (i % inner)), shape);
  const coordinate = b.constants(Float64Array.from({ length }, (_, i) => Math.floor(i / inner) % depth), shape);
  // An index out of range equals no coordinate.
  const negative = b.compare('less', indices, b.constant(0, b.shape(indices)));
  const hot = b.compare('equal', spread(b.range(indices).lo >= 0 ? indices : b.sum([[1, indices], [depth, negative]])), coordinate);
  const values = b.input(2);
  const value = (which: number): TensorId => b.view([values], new Int32Array(length).fill(which), shape);
  b.finish(b.select(hot, value(1), value(0)));
}
