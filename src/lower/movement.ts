/** Operators that move elements and compute nothing: they cost no constraint. */
import { intsAttribute } from '../onnx/attributes.js';
import type { GraphNode } from '../onnx/graph.js';
import { unravel } from '../program/linear.js';
import type { TensorId } from '../program/program.js';
import type { LoweringContext } from './context.js';

/** Flatten, Reshape, Squeeze, Unsqueeze, Identity: the same elements in the same order, in the shape that inference found. */
export function lowerReshape(node: GraphNode, context: LoweringContext): void {
  context.define(node, { kind: 'view', inputs: [context.tensor(node.inputs[0] as string, node)], fill: 0 });
}

/** https://onnx.ai/onnx/operators/onnx__Transpose.html */
export function lowerTranspose(node: GraphNode, context: LoweringContext): void {
  const input = context.tensor(node.inputs[0] as string, node);
  const { shape } = context.program.tensor(input);
  const order = intsAttribute(node, 'perm') ?? [...shape.keys()].reverse();
  context.define(node, { kind: 'view', inputs: [input], index: transposeIndex(shape, order), fill: 0 });
}

/** A transposed copy of a tensor, for an operator that wants its operand the other way round. */
export function transpose(context: LoweringContext, node: GraphNode, input: TensorId, order: readonly number[]): TensorId {
  const { name, type, shape } = context.program.tensor(input);
  return context.program.add(
    { kind: 'view', inputs: [input], index: transposeIndex(shape, order), fill: 0 },
    { name: `${name}:transposed`, node: node.name, type, shape: order.map((axis) => shape[axis] as number) },
  );
}

/** For each element of the transposed tensor, where it comes from. */
function transposeIndex(shape: readonly number[], order: readonly number[]): Int32Array {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((total, size) => total * size, 1));
  const result = order.map((axis) => shape[axis] as number);
  const length = shape.reduce((total, size) => total * size, 1);
  return Int32Array.from({ length }, (_, flat) => unravel(flat, result).reduce((sum, coordinate, position) => sum + coordinate * (strides[order[position] as number] as number), 0));
}
