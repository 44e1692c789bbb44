/** Operators that move elements and compute nothing: they cost no constraint. */
import { ZkonnxError } from '../errors/index.js';
import type { GraphNode } from '../onnx/graph.js';
import { movementMap } from '../onnx/movementMap.js';
import { hull } from '../program/interval.js';
import { unravel } from '../program/linear.js';
import type { TensorId } from '../program/program.js';
import type { FloatChain, LoweringContext } from './context.js';
import { lowerDynamicGather } from './dynamicGather.js';
import { lowerLaneTables } from './laneTables.js';
import { lowerTableGather } from './table.js';

/**
 * Every operator that only moves elements, as one view per output. Where its elements come from is found by folding the operator on
 * the numbers of its elements, so it is proven to move exactly as constants are moved.
 * @throws ZkonnxError OPERATOR_UNSUPPORTED when the places depend on the data
 */
export function lowerMovement(node: GraphNode, context: LoweringContext): void {
  const { sources, outputs } = movementMap({ node, type: (name) => context.type(name), constant: (name) => context.constant(name) });
  const names = sources.map((index) => node.inputs[index] as string);
  const chains = names.map((name) => context.chain(name));
  if (chains.some((chain) => chain !== undefined)) {
    moveChain(node, context, chains, outputs);
    return;
  }
  const inputs = names.map((name) => context.tensor(name, node));
  const available = inputs.reduce((total, id) => total + context.program.tensor(id).bounds.lo.length, 0);
  outputs.forEach((index, output) => {
    if (!node.outputs[output]) return;
    context.define(node, { kind: 'view', inputs, fill: 0, ...(isIdentity(index, available) ? {} : { index }) }, output);
  });
}

function isIdentity(index: Int32Array, available: number): boolean {
  return index.length === available && index.every((element, at) => element === at);
}

/** Moving a float tensor that is one function of an integer tensor is moving the integers. */
function moveChain(node: GraphNode, context: LoweringContext, chains: readonly (FloatChain | undefined)[], outputs: readonly Int32Array[]): void {
  const [chain] = chains;
  const [evaluate] = chain?.functions ?? [];
  if (chain === undefined || chains.length !== 1 || evaluate === undefined || chain.functions.length !== 1) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
      message: `Node "${node.name}" (${node.opType}) joins float tensors of different quantization.`,
      node: node.name,
      fix: 'Quantize its result before the next operator, with QuantizeLinear and DequantizeLinear.',
    });
  }
  const source = context.program.tensor(chain.source);
  outputs.forEach((index, output) => {
    const name = node.outputs[output];
    if (!name) return;
    const fill = index.includes(-1) ? zeroOf(node, chain, source.type, evaluate, context) : 0;
    const moved = context.program.add({ kind: 'view', inputs: [chain.source], index, fill }, { name: `${name}:integers`, node: node.name, type: source.type, shape: context.type(name).shape });
    context.defineChain(node, { ...chain, source: moved, inner: 1 }, output);
  });
}

/** The integer whose float is zero, found by bisection: the function is non-decreasing. */
function zeroOf(node: GraphNode, { source, monotone }: FloatChain, type: string, evaluate: (x: number) => number, context: LoweringContext): number {
  const { lo, hi } = context.program.tensor(source).bounds;
  let below = lo.reduce((least, value) => Math.min(least, value), Infinity);
  let above = hi.reduce((most, value) => Math.max(most, value), -Infinity);
  while (monotone && below < above) {
    const middle = Math.floor((below + above) / 2);
    if (evaluate(middle) < 0) below = middle + 1;
    else above = middle;
  }
  if (monotone && evaluate(below) === 0) return below;
  throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) fills with zero, which no ${type} of its operand stands for.`, node: node.name, fix: 'Quantize its operand so that zero is one of its values.' });
}

/**
 * Constant indices move elements; computed ones pick from a table where the data is a constant vector and they are proven to lie in it,
 * else by choices. https://onnx.ai/onnx/operators/onnx__Gather.html
 */
export function lowerGather(node: GraphNode, context: LoweringContext): void {
  if (context.constant(node.inputs[1]) !== undefined) lowerMovement(node, context);
  else if (context.constant(node.inputs[0])?.shape.length !== 1 || !isWithin(node, context)) lowerDynamicGather(node, context);
  else if (!lowerLaneTables(node, context)) lowerTableGather(node, context);
}

/** Whether the indices are proven to lie in the vector that they pick from. */
function isWithin(node: GraphNode, context: LoweringContext): boolean {
  const { lo, hi } = hull(context.program.tensor(context.tensor(node.inputs[1] as string, node)).bounds);
  const [size] = context.type(node.inputs[0] as string).shape as [number];
  return lo >= -size && hi < size;
}

/** Moves elements where the input `index` is constant, and computes elsewhere. */
export function lowerMovementBy(index: number, compute: (node: GraphNode, context: LoweringContext) => void) {
  return (node: GraphNode, context: LoweringContext): void => (context.constant(node.inputs[index]) === undefined ? compute : lowerMovement)(node, context);
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
