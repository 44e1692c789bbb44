/**
 * Quantized operators of the com.microsoft domain, as ONNX Runtime computes them on x86-64 (AVX2 and later).
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
 */
import { ZkonnxError } from '../errors/index.js';
import { floatAttribute, intAttribute } from '../onnx/attributes.js';
import type { GraphNode } from '../onnx/graph.js';
import { fma32 } from '../program/fma32.js';
import { dequantize, quantize, roundHalfEven, type Quantization } from '../program/float32.js';
import { logistic } from '../program/logistic.js';
import type { TensorId } from '../program/program.js';
import { defineProductStep, defineSumStep } from './binary.js';
import type { LoweringContext } from './context.js';
import { IntegerBuilder } from './integerBuilder.js';
import { defineRequantize, quantizationAt } from './quantization.js';
import { defineTables } from './table.js';
import { addWindowSums } from './windowSums.js';

/**
 * The nearest integer in the range of the type. The conversion to int32 on the way gives the least int32 for floats from 2^31 on, so
 * that ONNX Runtime saturates them at the wrong end: scales so far apart leave no step function, and are refused.
 */
function saturate(value: number, { lo, hi }: Quantization): number {
  return value >= 2 ** 31 ? lo : Math.min(Math.max(roundHalfEven(value), lo), hi);
}

/**
 * y = saturate(roundHalfEven(fma(a, ra, fma(b, rb, F)))), ra = f(sa/sy), rb = f(sb/sy), F = f(zy − fma(ra, za, f(rb·zb))). Where a is
 * one number beside a run of b, the two change their roles. Other processors round differently: not portable.
 */
export function lowerQLinearAdd(node: GraphNode, context: LoweringContext): void {
  const [aName, bName] = [node.inputs[0] as string, node.inputs[3] as string];
  const a = quantizationAt(node, context, 1, aName);
  const b = quantizationAt(node, context, 4, bName);
  const y = quantizationAt(node, context, 6, node.outputs[0] as string);
  const [sum, swapped] = [quantizedSum(a, b, y), quantizedSum(b, a, y)];
  const evaluate = isScalarBeside(context.type(aName).shape, context.type(bName).shape) ? (p: number, q: number) => swapped(q, p) : sum;
  const operands = { left: context.tensor(aName, node), right: context.tensor(bName, node), evaluate };
  defineSumStep(node, context, operands, a.scale / y.scale, b.scale / y.scale);
}

function quantizedSum(a: Quantization, b: Quantization, y: Quantization): (p: number, q: number) => number {
  const ra = Math.fround(a.scale / y.scale);
  const rb = Math.fround(b.scale / y.scale);
  const offset = Math.fround(y.zeroPoint - fma32(ra, a.zeroPoint, Math.fround(rb * b.zeroPoint)));
  return (p, q) => saturate(fma32(p, ra, fma32(q, rb, offset)), y);
}

/**
 * Whether ONNX Runtime takes the left operand of a broadcast for a number that is repeated along the innermost run: the innermost
 * dimension that both have and that is not 1 in both decides, else the outermost that both have (its class Broadcaster).
 */
function isScalarBeside(left: readonly number[], right: readonly number[]): boolean {
  if (left.length === 0) return true;
  if (right.length === 0) return left.at(-1) === 1;
  const shared = Math.min(left.length, right.length);
  for (let depth = 1; depth < shared; depth++) {
    if (left.at(-depth) !== 1 || right.at(-depth) !== 1) return left.at(-depth) === 1;
  }
  return left.at(-shared) === 1;
}

/** y = saturate(roundHalfEven(f(f((a − za)(b − zb)·M) + zy))), M = f(f(sa·sb)/sy). */
export function lowerQLinearMul(node: GraphNode, context: LoweringContext): void {
  const [aName, bName] = [node.inputs[0] as string, node.inputs[3] as string];
  const a = quantizationAt(node, context, 1, aName);
  const b = quantizationAt(node, context, 4, bName);
  const y = quantizationAt(node, context, 6, node.outputs[0] as string);
  const multiplier = Math.fround(Math.fround(a.scale * b.scale) / y.scale);
  const evaluate = (p: number, q: number) =>
    saturate(Math.fround(Math.fround((p - a.zeroPoint) * (q - b.zeroPoint) * multiplier) + y.zeroPoint), y);
  const operands = { left: context.tensor(aName, node), right: context.tensor(bName, node), evaluate };
  defineProductStep(node, context, operands, a.zeroPoint, b.zeroPoint);
}

/** Sigmoid of the dequantized value, quantized: a table. */
export function lowerQLinearSigmoid(node: GraphNode, context: LoweringContext): void {
  lowerQuantizedFunction(node, context, logistic);
}

/** x where it is positive, f(α·x) where it is negative, quantized: a table. */
export function lowerQLinearLeakyRelu(node: GraphNode, context: LoweringContext): void {
  const alpha = floatAttribute(node, 'alpha', Math.fround(0.01));
  lowerQuantizedFunction(node, context, (x) => (x >= 0 ? x : Math.fround(alpha * x)));
}

function lowerQuantizedFunction(node: GraphNode, context: LoweringContext, real: (x: number) => number): void {
  const name = node.inputs[0] as string;
  const x = quantizationAt(node, context, 1, name);
  const y = quantizationAt(node, context, 3, node.outputs[0] as string);
  const evaluate = (value: number) => quantize(real(dequantize(value, x)), y);
  defineTables(node, context, { source: context.tensor(name, node), inner: 1, functions: [evaluate] });
}

/** y = requantize(Σ (x − zx)), M = f(sx / f(sy · f(count))). */
export function lowerQLinearGlobalAveragePool(node: GraphNode, context: LoweringContext): void {
  const name = node.inputs[0] as string;
  if (intAttribute(node, 'channels_last', 0) !== 0) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) has its channels last.`, node: node.name, fix: 'Export the model with channels first.' });
  }
  const x = quantizationAt(node, context, 1, name);
  const y = quantizationAt(node, context, 3, node.outputs[0] as string);
  const spatial = context.type(name).shape.slice(2);
  const count = spatial.reduce((total, size) => total * size, 1);
  const ones = spatial.map(() => 1);
  const window = { inputSpatial: spatial, outputSpatial: ones, kernel: spatial, strides: ones, dilations: ones, pads: spatial.map(() => 0) };
  const accumulator = addWindowSums(node, context, { window, zeroPoint: x.zeroPoint });
  const multiplier = Math.fround(x.scale / Math.fround(y.scale * Math.fround(count)));
  if (count >= 2 ** 24 || multiplier < 2 ** -32 || multiplier >= 256) {
    throw new ZkonnxError('OPERATOR_UNSUPPORTED', { message: `Node "${node.name}" (${node.opType}) rescales by ${multiplier} for ${count} elements, at which ONNX Runtime stops.`, node: node.name, expected: 'fewer than 2^24 elements and a multiplier from 2^-32 to 256', fix: 'Choose a larger output scale.' });
  }
  defineRequantize(context, node, { accumulator, multipliers: [multiplier], inner: 1, zeroPoint: y.zeroPoint });
}

/** Each part requantized to the common parameters, then laid side by side. A part with the same parameters is copied. */
export function lowerQLinearConcat(node: GraphNode, context: LoweringContext): void {
  const y = quantizationAt(node, context, 0, node.outputs[0] as string);
  const { shape } = context.type(node.outputs[0] as string);
  const given = intAttribute(node, 'axis', 0);
  const axis = given < 0 ? given + shape.length : given;
  const parts: TensorId[] = [];
  for (let input = 2; input < node.inputs.length; input += 3) {
    parts.push(requantizedPart(node, context, input, y));
  }
  context.define(node, { kind: 'view', inputs: parts, index: concatIndex(parts.map((part) => context.program.tensor(part).shape), shape, axis), fill: 0 });
}

/** The tensor that is input `input` of the node, its scale and zero point behind it, in the parameters of the result: itself where they are the same. */
function requantizedPart(node: GraphNode, context: LoweringContext, input: number, y: Quantization): TensorId {
  const name = node.inputs[input] as string;
  const x = quantizationAt(node, context, input + 1, name);
  const source = context.tensor(name, node);
  if (x.scale === y.scale && x.zeroPoint === y.zeroPoint) return source;
  const table = Float64Array.from({ length: x.hi - x.lo + 1 }, (_, i) => quantize(dequantize(x.lo + i, x), y));
  const { type } = context.type(node.outputs[0] as string);
  const description = { name: `${node.outputs[0]}:part${input}`, node: node.name, type, shape: context.type(name).shape };
  return context.program.add({ kind: 'table', inputs: [source], inner: 1, lo: x.lo, tables: [table] }, description);
}

/** Where the condition holds the first tensor, elsewhere the second, each requantized to the common parameters first. */
export function lowerQLinearWhere(node: GraphNode, context: LoweringContext): void {
  const z = quantizationAt(node, context, 7, node.outputs[0] as string);
  const b = new IntegerBuilder(node, context);
  const { shape } = b.output();
  const parts = [1, 4].map((input) => b.broadcast(requantizedPart(node, context, input, z), shape)) as [TensorId, TensorId];
  b.finish(b.select(b.input(0, shape), ...parts));
}

/** For each element of a concatenation along `axis`, its place among the parts laid end to end. */
function concatIndex(parts: readonly (readonly number[])[], shape: readonly number[], axis: number): Int32Array {
  const inner = shape.slice(axis + 1).reduce((total, size) => total * size, 1);
  const outer = shape.slice(0, axis).reduce((total, size) => total * size, 1);
  const index: number[] = [];
  for (let o = 0; o < outer; o++) {
    let base = 0;
    for (const part of parts) {
      const run = (part[axis] as number) * inner;
      for (let i = 0; i < run; i++) index.push(base + o * run + i);
      base += outer * run;
    }
  }
  return Int32Array.from(index);
}
