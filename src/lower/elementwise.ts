/**
 * Relu and Clip on integers, and float32 chains between DequantizeLinear and QuantizeLinear. Each link of a chain is a correctly
 * rounded, non-decreasing float32 function; QuantizeLinear composes them into one step function of the integer.
 */
import { ZkonnxError } from '../errors/index.js';
import { floatAttribute, intAttribute } from '../onnx/attributes.js';
import type { GraphNode } from '../onnx/graph.js';
import { dequantize, quantize } from '../program/float32.js';
import { definePairTable, defineProductStep, defineSumStep } from './binary.js';
import { floats, integers, type FloatPair, type LoweringContext } from './context.js';
import { channelSteps, quantizedRange, scales, singleScale } from './quantization.js';
import { defineTables } from './table.js';

/** https://onnx.ai/onnx/operators/onnx__DequantizeLinear.html */
export function lowerDequantizeLinear(node: GraphNode, context: LoweringContext): void {
  const source = context.tensor(node.inputs[0] as string, node);
  const { shape } = context.program.tensor(source);
  const scale = scales(node, context.requireConstant(node, 1, 'scale'));
  const zeroPoints = zeroPointsOf(node, context, scale.length);
  if (scale.length === 1) context.defineDequantized(node, { source, scale: scale[0] as number, zeroPoint: zeroPoints[0] as number });
  context.defineChain(node, {
    source,
    inner: innerOf(node, shape, scale.length),
    monotone: true,
    functions: Array.from(scale, (value, channel) => (x: number) => dequantize(x, { scale: value, zeroPoint: zeroPoints[channel] as number })),
  });
}

/** Ends a chain: the step function of the composition. https://onnx.ai/onnx/operators/onnx__QuantizeLinear.html */
export function lowerQuantizeLinear(node: GraphNode, context: LoweringContext): void {
  const pair = context.pair(node.inputs[0] as string);
  if (pair !== undefined) {
    quantizePair(node, context, pair);
    return;
  }
  const chain = requireChain(node, context);
  const scale = scales(node, context.requireConstant(node, 1, 'scale'));
  const { type, shape } = context.type(node.outputs[0] as string);
  const zeroPoints = zeroPointsOf(node, context, scale.length);
  const range = quantizedRange(type, node);
  const perChannel = Math.max(scale.length, chain.functions.length);
  const inner = chain.functions.length > 1 ? chain.inner : innerOf(node, shape, scale.length);
  if (scale.length > 1 && chain.functions.length > 1 && innerOf(node, shape, scale.length) !== chain.inner) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (QuantizeLinear) quantizes along another axis than its input was dequantized along.`, node: node.name, fix: 'Quantize activations per tensor.' });
  }
  const pick = <T>(values: ArrayLike<T>, channel: number) => values[values.length === 1 ? 0 : channel] as T;
  const functions = Array.from({ length: perChannel }, (_, channel) => {
    const before = pick(chain.functions, channel);
    const quantization = { scale: pick(scale, channel), zeroPoint: pick(zeroPoints, channel), ...range };
    return (x: number) => quantize(before(x), quantization);
  });
  if (chain.monotone) context.define(node, { kind: 'step', inputs: [chain.source], inner, functions: channelSteps(context, chain.source, inner, functions) });
  else defineTables(node, context, { source: chain.source, inner, functions });
}

/** The end of a function of two tensors. */
function quantizePair(node: GraphNode, context: LoweringContext, { kind, left, right, sign, combine }: FloatPair): void {
  const scale = singleScale(node, context.requireConstant(node, 1, 'scale'));
  const zeroPoint = zeroPointsOf(node, context, 1)[0] as number;
  const quantization = { scale, zeroPoint, ...quantizedRange(context.type(node.outputs[0] as string).type, node) };
  const evaluate = (a: number, b: number) => quantize(combine(dequantize(a, left), dequantize(b, right)), quantization);
  const operands = { left: left.source, right: right.source, evaluate };
  if (kind === 'quotient') definePairTable(node, context, operands);
  else if (kind === 'product') defineProductStep(node, context, operands, left.zeroPoint, right.zeroPoint);
  else defineSumStep(node, context, operands, left.scale / scale, (sign * right.scale) / scale);
}

/** Add, Sub, Mul and Div of two dequantized tensors, or of a float chain and a number. https://onnx.ai/onnx/operators/onnx__Add.html */
export function lowerAdd(node: GraphNode, context: LoweringContext): void {
  lowerFloatBinary(node, context, { kind: 'sum', sign: 1, combine: (x, y) => Math.fround(x + y) });
}

/** https://onnx.ai/onnx/operators/onnx__Sub.html */
export function lowerSub(node: GraphNode, context: LoweringContext): void {
  lowerFloatBinary(node, context, { kind: 'sum', sign: -1, combine: (x, y) => Math.fround(x - y) });
}

/** https://onnx.ai/onnx/operators/onnx__Mul.html */
export function lowerMul(node: GraphNode, context: LoweringContext): void {
  lowerFloatBinary(node, context, { kind: 'product', sign: 1, combine: (x, y) => Math.fround(x * y) });
}

/** https://onnx.ai/onnx/operators/onnx__Div.html */
export function lowerDiv(node: GraphNode, context: LoweringContext): void {
  lowerFloatBinary(node, context, { kind: 'quotient', sign: 1, combine: (x, y) => Math.fround(x / y) });
}

function lowerFloatBinary(node: GraphNode, context: LoweringContext, { kind, sign, combine }: Pick<FloatPair, 'kind' | 'sign' | 'combine'>): void {
  if (lowerWithNumber(node, context, combine)) return;
  const [left, right] = node.inputs.map((name) => context.dequantized(name));
  if (left === undefined || right === undefined) throw notExact(node, 'an operand is not a dequantized tensor with one scale');
  context.definePair(node, { kind, sign, combine, left, right });
}

/** A chain and a number: another link of the chain. */
function lowerWithNumber(node: GraphNode, context: LoweringContext, combine: (x: number, y: number) => number): boolean {
  const [left, right] = node.inputs as [string, string];
  const number = [left, right].map((name) => {
    const tensor = context.constant(name);
    return tensor?.type === 'float32' && tensor.data.length === 1 ? (tensor.data[0] as number) : undefined;
  });
  const chain = context.chain(number[1] === undefined ? right : left);
  const constant = number[1] ?? number[0];
  if (chain === undefined || constant === undefined) return false;
  const link = number[1] === undefined ? (x: number) => combine(constant, x) : (x: number) => combine(x, constant);
  // The link is non-decreasing if it is on two points, because it is affine, or a reciprocal of which only tables may be made.
  const rising = node.opType !== 'Div' || number[1] !== undefined ? link(1) >= link(0) : false;
  context.defineChain(node, { ...chain, monotone: chain.monotone && rising, functions: chain.functions.map((before) => (x) => link(before(x))) });
  return true;
}

/** Abs, Neg and other float32 functions that are exact or correctly rounded, as a link of a chain. */
export function lowerExactUnary(link: (x: number) => number, monotone: boolean) {
  return (node: GraphNode, context: LoweringContext): void => {
    const chain = context.chain(node.inputs[0] as string);
    if (chain === undefined) throw notExact(node, 'its operand is not a function of a quantized tensor');
    context.defineChain(node, { ...chain, monotone: chain.monotone && monotone, functions: chain.functions.map((before) => (x) => link(before(x))) });
  };
}

function notExact(node: GraphNode, reason: string): ZkonnxError {
  return new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) has no exact integer form: ${reason}.`, node: node.name, fix: 'Quantize both operands and the result.' });
}

/** max(x, 0): a link of a float chain, or on integers a step. https://onnx.ai/onnx/operators/onnx__Relu.html */
export function lowerRelu(node: GraphNode, context: LoweringContext): void {
  lowerClamp(node, context, 0, Infinity);
}

/** https://onnx.ai/onnx/operators/onnx__Clip.html */
export function lowerClip(node: GraphNode, context: LoweringContext): void {
  const bound = (index: number, attribute: string, otherwise: number): number => {
    const name = node.inputs[index];
    if (!name) return floatAttribute(node, attribute, otherwise);
    const tensor = context.requireConstant(node, index, index === 1 ? 'lower bound' : 'upper bound');
    return (tensor.type === 'float32' ? floats(tensor, node) : integers(tensor, node))[0] ?? otherwise;
  };
  const lo = bound(1, 'min', -Infinity);
  const hi = bound(2, 'max', Infinity);
  if (Number.isNaN(lo) || Number.isNaN(hi)) throw new ZkonnxError('MODEL_INVALID', { message: `A bound of node "${node.name}" (Clip) is not a number.`, node: node.name });
  lowerClamp(node, context, lo, hi);
}

function lowerClamp(node: GraphNode, context: LoweringContext, lo: number, hi: number): void {
  // min(max(x, lo), hi) is what ONNX computes also where lo > hi.
  const clamp = (x: number) => Math.min(Math.max(x, lo), hi);
  const chain = context.chain(node.inputs[0] as string);
  if (chain !== undefined) {
    context.defineChain(node, { ...chain, functions: chain.functions.map((before) => (x) => clamp(before(x))) });
    return;
  }
  const pair = context.pair(node.inputs[0] as string);
  if (pair !== undefined) {
    context.definePair(node, { ...pair, combine: (x, y) => clamp(pair.combine(x, y)) });
    return;
  }
  const source = context.tensor(node.inputs[0] as string, node);
  context.define(node, { kind: 'step', inputs: [source], inner: 1, functions: channelSteps(context, source, 1, [clamp]) });
}

function requireChain(node: GraphNode, context: LoweringContext) {
  const chain = context.chain(node.inputs[0] as string);
  if (chain !== undefined) return chain;
  throw new ZkonnxError('OPERATOR_UNSUPPORTED', {
    message: `Node "${node.name}" (${node.opType}) quantizes "${node.inputs[0]}", which is not an exact function of a quantized tensor.`,
    node: node.name,
    fix: 'Only operators with an exact integer form may stand between DequantizeLinear and QuantizeLinear; `docs/operators.md` lists them.',
  });
}

function zeroPointsOf(node: GraphNode, context: LoweringContext, count: number): Int32Array {
  if (!node.inputs[2]) return new Int32Array(count);
  const values = integers(context.requireConstant(node, 2, 'zero point'), node);
  if (values.length === count) return values;
  throw new ZkonnxError('MODEL_INVALID', { message: `Node "${node.name}" (${node.opType}) has ${count} scales and ${values.length} zero points.`, node: node.name, expected: `${count} zero points`, found: String(values.length) });
}

/** How many consecutive elements share a channel. */
function innerOf(node: GraphNode, shape: readonly number[], channels: number): number {
  if (channels === 1) return 1;
  if (intAttribute(node, 'block_size', 0) !== 0) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) quantizes by blocks.`, node: node.name, fix: 'Quantize activations per tensor, or per channel.' });
  }
  const given = intAttribute(node, 'axis', 1);
  const axis = given < 0 ? given + shape.length : given;
  return shape.slice(axis + 1).reduce((total, size) => total * size, 1);
}
