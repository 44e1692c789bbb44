/** Tensors seen along some of their axes. */
import { ZkonnxError } from '../errors/index.js';
import { intAttribute, intsAttribute } from '../onnx/attributes.js';
import { elementCount, type GraphNode } from '../onnx/graph.js';
import { unravel } from '../program/linear.js';
import { integers, type LoweringContext } from './context.js';

/** The axes of a reduction: attribute or constant input 1; all of them when left out, none with noop_with_empty_axes. */
export function reducedAxes(node: GraphNode, context: LoweringContext, rank: number): number[] {
  const given = node.inputs[1] ? Array.from(integers(context.requireConstant(node, 1, 'list of axes'), node)) : (intsAttribute(node, 'axes') ?? []);
  if (given.length === 0) return intAttribute(node, 'noop_with_empty_axes', 0) === 1 ? [] : Array.from({ length: rank }, (_, axis) => axis);
  return given.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** The one axis of a node: attribute `axis`, or constant input `index`. */
export function singleAxis(node: GraphNode, context: LoweringContext, rank: number, index?: number): number {
  const given = index === undefined ? intAttribute(node, 'axis', -1) : (integers(context.requireConstant(node, index, 'axis'), node)[0] as number);
  const axis = given < 0 ? given + rank : given;
  if (axis >= 0 && axis < rank) return axis;
  throw new ZkonnxError('MODEL_INVALID', { message: `Node "${node.name}" (${node.opType}) has an axis that its input does not have.`, node: node.name, expected: `${-rank} to ${rank - 1}`, found: String(given) });
}

/** For each element of a tensor laid out with `axes` innermost (in their order), where it comes from; the others keep their order. */
export function innermost(shape: readonly number[], axes: readonly number[]): Int32Array {
  const order = [...shape.keys()].filter((axis) => !axes.includes(axis)).concat(axes);
  const strides = shape.map((_, axis) => elementCount(shape.slice(axis + 1)));
  const moved = order.map((axis) => shape[axis] as number);
  return Int32Array.from({ length: elementCount(shape) }, (_, flat) => unravel(flat, moved).reduce((sum, coordinate, position) => sum + coordinate * (strides[order[position] as number] as number), 0));
}
